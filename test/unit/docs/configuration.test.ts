import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { START_ROWS } from '../../../cli/start/option-rows.ts';
import { ENV } from '../../../functions/shared/environment.ts';
import { sourceDocumentSchema } from '../../../functions/sources/source-schema.ts';
import {
  CLOUD_DEFAULTS,
  LOCAL_DEFAULTS,
  parseSourcesDocument,
} from '../../../functions/sources/sources-document.ts';
import { toDeployedSources } from '../../../infra/options/sources-file.ts';
import { SOURCES_EXAMPLES } from '../../support/sources-examples.ts';

const REPOSITORY = new URL('../../../', import.meta.url);
const DOCUMENT = readFileSync(new URL('docs/configuration.md', REPOSITORY), 'utf8');

/** The cells of the row that begins with an option's name. */
function rowOf(option: string): string[] {
  const line = DOCUMENT.split('\n').find((candidate) => candidate.trimStart().startsWith(`| \`${option}\``));
  if (line === undefined) throw new Error(`Expected a row for ${option} in docs/configuration.md.`);
  return line.split('|').map((cell) => cell.trim());
}

test('the pages hold examples', () => {
  expect(SOURCES_EXAMPLES.length).toBeGreaterThanOrEqual(10);
});

describe.each(SOURCES_EXAMPLES)('$name', ({ document }) => {
  test('is a sources document on one machine', () => {
    expect(parseSourcesDocument(parse(document), LOCAL_DEFAULTS).length).toBeGreaterThan(0);
  });

  test('can be deployed', () => {
    expect(toDeployedSources(parse(document)).length).toBeGreaterThan(0);
  });
});

describe('every option of a source has its row', () => {
  const [cloud] = parseSourcesDocument({ sources: { name: {} } }, CLOUD_DEFAULTS);
  const [local] = parseSourcesDocument({ sources: { name: {} } }, LOCAL_DEFAULTS);
  const settingOf = (source: object | undefined, option: string) =>
    Object.entries(source ?? {}).find(([name]) => name === option)?.[1] as unknown;

  test.each(Object.keys(sourceDocumentSchema.shape).map((option) => ({ option })))(
    '$option, with its defaults',
    ({ option }) => {
      const [, , , inCloud, onOneMachine] = rowOf(option);
      for (const [cell, source] of [
        [inCloud, cloud?.source],
        [onOneMachine, local?.source],
      ] as const) {
        const value = settingOf(source, option);
        if (option === 'deliveryTimeoutSeconds') expect(cell).toBe('as `resultsTimeoutSeconds`');
        else if (option === 'resultsTimeoutSeconds' && source === local?.source)
          expect(cell).toBe(
            `${CLOUD_DEFAULTS[option]}; ${LOCAL_DEFAULTS[option]} with a Qure on the same machine, as the simulator`,
          );
        else if (option === 'prefix') expect(cell).toBe('`<name>/`');
        else if (option === 'completion') expect(cell).toBe('`mode: adaptive`');
        else if (Array.isArray(value)) expect(cell).toBe('`[]`');
        else if (value !== undefined) expect(cell?.replaceAll('`', '')).toBe(String(value));
      }
    },
  );
});

const { shape } = sourceDocumentSchema;
test.each(
  Object.entries({
    completion: shape.completion.def.innerType.shape,
    qure: shape.qure.def.innerType.shape,
    network: shape.network.def.innerType.shape,
    retention: shape.retention.def.innerType.shape,
    notifications: shape.notifications.def.innerType.def.element.shape,
    dropAccess: shape.dropAccess.def.innerType.shape,
  }).flatMap(([of, options]) => Object.keys(options).map((option) => ({ of, option }))),
)('the option $option of $of has its row', ({ option }) => {
  expect(rowOf(option).length).toBeGreaterThan(3);
});

test.each(START_ROWS)('the command-line option --$name has its row', ({ name, help }) => {
  const [, , , documentedDefault] = rowOf(`--${name}`);
  const builtIn = /\(default: (.+?)\)/.exec(help)?.[1];
  if (builtIn !== undefined) expect(documentedDefault?.replaceAll('`', '')).toBe(builtIn);
});

test.each(Object.values(ENV))('the environment variable %s is explained', (name) => {
  expect(DOCUMENT).toContain(`\`${name}\``);
});
