import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../../package.json' with { type: 'json' };

const REPOSITORY = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, REPOSITORY), 'utf8');

describe('the changelog', () => {
  const text = read('CHANGELOG.md');
  const sections = text.split(/^## /m).slice(1);

  it('begins with what is not released yet', () => {
    expect(sections[0]).toMatch(/^\[Unreleased\]\n/);
  });

  it('names the version of package.json: in a section of its own, or as the next one', () => {
    const { version } = packageJson;
    const isReleased = sections.some((section) => section.startsWith(`[${version}] - `));
    expect(isReleased || sections[0]?.includes(version)).toBe(true);
  });

  it('has a date for each version, newest first, and the kinds of Keep a Changelog', () => {
    const dates = sections.slice(1).map((section) => {
      expect(section).toMatch(/^\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}\n/);
      return section.slice(section.indexOf(' - ') + 3).slice(0, 10);
    });
    expect(dates).toEqual(dates.toSorted().toReversed());
    for (const [, kind] of text.matchAll(/^### (.+)$/gm))
      expect(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']).toContain(kind);
  });
});

it('CODEOWNERS names paths that exist', () => {
  const lines = read('.github/CODEOWNERS').split('\n');
  const paths = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' ')[0]);
  expect(paths.length).toBeGreaterThan(0);
  for (const path of paths) expect([path, existsSync(new URL(`.${path}`, REPOSITORY))]).toEqual([path, true]);
});

describe('dependency updates', () => {
  const { updates } = parse(read('.github/dependabot.yml')) as {
    updates: {
      'package-ecosystem': string;
      cooldown: object;
      groups: Record<string, { patterns: string[]; 'exclude-patterns'?: string[] }>;
    }[];
  };

  it('cover npm and the actions, a week after a version was published', () => {
    expect(updates.map((one) => one['package-ecosystem'])).toEqual(['npm', 'github-actions']);
    for (const { cooldown } of updates) expect(cooldown).toEqual({ 'default-days': 7 });
  });

  it('put each package into one group', () => {
    const { 'aws-sdk': sdk, cdk, tools } = updates[0]?.groups ?? {};
    expect(tools?.['exclude-patterns']).toEqual([...(sdk?.patterns ?? []), ...(cdk?.patterns ?? [])]);
    const known: Record<string, string> = packageJson.devDependencies;
    for (const name of cdk?.patterns ?? []) expect(known).toHaveProperty([name]);
  });

  it('find exact versions', () => {
    for (const version of Object.values(packageJson.devDependencies))
      expect(version).toMatch(/^(?:(?:npm:[a-z-]+@)?\d+\.\d+\.\d+|file:build\/node-24)$/);
  });
});
