import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { causeInWords } from '../../../console/operations/causes.ts';
import { adviceOn, waitAdviceOn } from '../../../console/series/advice.ts';
import { quarantineAdvice } from '../../../console/shared/quarantine-advice.ts';
import type { QuarantineReason } from '../../../functions/instances/quarantine.ts';
import type { VerdictReason } from '../../../functions/qure/answer-facts.ts';
import { DEFAULT_RULES, GUARD_RULES } from '../../../functions/routing/default-rules.ts';
import { type FailureReason, STOP_REASONS } from '../../../functions/series/series-facts.ts';
import { DEAD_LETTER_CAUSES } from '../../../functions/shared/dead-letter-cause.ts';
import { MANY_SITES } from '../infra/deployments.ts';
import { synthesize } from '../infra/synthesized-template.ts';

const REPOSITORY = new URL('../../../', import.meta.url);
const DOCUMENT = readFileSync(new URL('docs/operations.md', REPOSITORY), 'utf8');

/** The type checker refuses this table when the code has a reason that is not in it. */
const FAILURE_REASONS: Record<FailureReason, true> = {
  auth_rejected: true,
  source_denied: true,
  license_expired: true,
  not_uploaded: true,
  receipt_mismatch: true,
  results_timeout: true,
  qure_unavailable: true,
  object_missing: true,
  damaged_object: true,
  mixed_identity: true,
  shared_workspace: true,
  incomplete_geometry: true,
  wrong_usecase: true,
  legacy_format: true,
  asset_download: true,
  asset_missing: true,
  asset_mismatch: true,
};
const QUARANTINE_REASONS: Record<QuarantineReason, true> = {
  not_dicom: true,
  truncated: true,
  missing_uid: true,
  invalid_uid: true,
  too_large_header: true,
  empty_object: true,
  object_missing: true,
  instances_expired: true,
  no_source: true,
  invalid_marker: true,
  bad_archive: true,
  bad_entries: true,
};

/**
 * `filtered` is the usual reason of a source's own rule; `no_route` also stands where no rule holds; `outside_indication` comes after
 * the rules.
 */
const SKIP_REASONS = new Set([
  'filtered',
  'outside_indication',
  'no_route',
  'instances_expired',
  ...[...GUARD_RULES, ...DEFAULT_RULES].flatMap(({ then: outcome }) =>
    'skip' in outcome ? [outcome.skip] : [],
  ),
]);

const VERDICT_REASONS: Record<VerdictReason, true> = {
  unsupported_scan: true,
  upload_rejected: true,
  not_implemented: true,
};

/** The text from a heading of the second level to the next one. */
function section(title: string): string {
  const start = DOCUMENT.indexOf(`\n## ${title}\n`);
  if (start === -1) throw new Error(`Expected the section ${title} in docs/operations.md.`);
  const end = DOCUMENT.indexOf('\n## ', start + 1);
  return DOCUMENT.slice(start, end === -1 ? undefined : end);
}

describe('every reason has its entry', () => {
  test.each([
    { title: 'FAILED', reasons: Object.keys(FAILURE_REASONS) },
    { title: 'SKIPPED', reasons: [...SKIP_REASONS] },
    { title: 'UNSUPPORTED', reasons: Object.keys(VERDICT_REASONS) },
    { title: 'Quarantine', reasons: Object.keys(QUARANTINE_REASONS) },
    { title: 'Dead-letter causes', reasons: [...DEAD_LETTER_CAUSES] },
  ])('under $title, and no other has', ({ title, reasons }) => {
    const documented = [...section(title).matchAll(/^(?:\| `(\w+)` \||### `(\w+)`$)/gm)].map(
      ([, row, heading]) => row ?? heading,
    );
    expect(documented.sort()).toEqual([...reasons].sort());
  });

  test.each(['FAILED', 'SKIPPED', 'UNSUPPORTED', 'Quarantine', 'Dead-letter causes'])(
    'under %s, with a command to look or to act, and with what to do',
    (title) => {
      expect(section(title)).toMatch(/^ {4}(npm run|curl) |`npm run [a-z-]+ -- /m);
      for (const row of section(title).matchAll(/^\| `\w+` \|(.*)\|$/gm)) {
        const cells = (row[1] ?? '').split(' | ').map((cell) => cell.trim());
        expect(cells.length).toBeGreaterThanOrEqual(2);
        for (const cell of cells) expect(cell).not.toBe('');
      }
    },
  );

  test('under FAILED, each with a description and a resolution', () => {
    for (const entry of section('FAILED').split(/^### /m).slice(1)) {
      const [, description = '', resolution] =
        /^`\w+`\n\n(.+?)\n\n\*\*Resolution:\*\* (.+)$/s.exec(entry) ?? [];
      expect(description.length, entry).toBeGreaterThan(20);
      expect(resolution, entry).toBeDefined();
    }
  });
});

describe('the console says what to do in the words that the entry begins with', () => {
  /** Links and code as a reader sees them; the last sentence of a cell has no full stop. */
  const plain = (markdown: string) =>
    markdown
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replaceAll('`', '')
      .replaceAll(/\s+/g, ' ')
      .trim()
      .replace(/\.?$/, '.');
  const resolutionsOf = (title: string) =>
    new Map(
      [
        ...`${section(title)}\n\n`.matchAll(/^### `(\w+)`\n(?:(?!\n##).)*?\*\*Resolution:\*\* (.+?)\n\n/gms),
        ...section(title).matchAll(/^\| `(\w+)` \|.*\| ([^|]+) \|$/gm),
      ].map(([, reason = '', resolution = '']) => [reason, plain(resolution)]),
    );

  test.each([
    { title: 'FAILED', reasons: Object.keys(FAILURE_REASONS), advice: adviceOn },
    { title: 'UNSUPPORTED', reasons: Object.keys(VERDICT_REASONS), advice: adviceOn },
    {
      title: 'A series waits',
      reasons: ['concurrency', 'daily_budget', ...STOP_REASONS],
      advice: waitAdviceOn,
    },
    {
      title: 'Quarantine',
      reasons: Object.keys(QUARANTINE_REASONS),
      advice: (reason: string) => quarantineAdvice(reason)?.todo,
    },
    {
      title: 'Dead-letter causes',
      reasons: [...DEAD_LETTER_CAUSES],
      advice: (cause: string) => causeInWords(cause).todo,
    },
  ])('under $title', ({ title, reasons, advice }) => {
    const resolutions = resolutionsOf(title);
    for (const reason of reasons) {
      const words = advice(reason);
      expect(words, reason).toMatch(/\.$/);
      expect(resolutions.get(reason)?.slice(0, words?.length), reason).toBe(words);
    }
  });
});

test('every alarm of the stack names an entry with description, investigation and resolution', () => {
  // Some alarms exist only where a deployment uses what they watch.
  const anchors = [synthesize({ canary: { source: 'default' } }), synthesize({ sources: MANY_SITES })]
    .flatMap((template) => template.ofType('AWS::CloudWatch::Alarm'))
    .map(([, { Properties }]) => /docs\/operations\.md#([a-z-]+)/.exec(String(Properties.AlarmDescription)));
  expect(anchors.length).toBeGreaterThan(0);
  // The table of alarms; `…-backlog` stands for the one of each stage.
  const rows = [...section('Alarms').matchAll(/^\| `(…?[a-z-]+)` \|/gm)].map((match) => match[1] ?? '');
  for (const anchor of anchors) {
    const name = anchor?.[1] ?? '';
    expect(
      rows.filter((row) => (row.startsWith('…') ? name.endsWith(row.slice(1)) : name === row)),
      name,
    ).toHaveLength(1);
    const heading = `\n### ${anchor?.[1]}\n`;
    expect(DOCUMENT).toContain(heading);
    const entry = DOCUMENT.split(heading)[1]?.split('\n##')[0];
    for (const part of ['**Description:**', '**Investigation:**', '**Resolution:**'])
      expect(entry).toContain(part);
    // Dead letters come back by a command for their very stage.
    if (anchor?.[1]?.endsWith('-dead-letters') === true)
      expect(entry).toMatch(/npm run redrive -- --stage \w+/);
  }
});
