import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../cli/commands.ts';
import { commandHelp, helpColumns } from '../../../cli/frame/help.ts';
import { readArguments } from '../../../cli/frame/read-arguments.ts';
import { TARGET_ROWS } from '../../../cli/target/target.ts';
import packageJson from '../../../package.json' with { type: 'json' };

const PAGE = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
const sectionOf = (heading: string) => PAGE.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
const rowOf = (name: string, help: string) =>
  new RegExp(`^\\| \`--${name}(?: [^\`]+)?\` \\| ${help.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')} \\|$`, 'm');

describe('docs/cli.md', () => {
  test('has a section for each command, in the order of the help, and for no other', () => {
    const headings = [...PAGE.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);
    const known = new Set(COMMANDS.map(({ name }) => name));
    expect(headings.filter((heading) => known.has(heading))).toEqual(COMMANDS.map(({ name }) => name));
    expect(headings.slice(-COMMANDS.length)).toEqual(COMMANDS.map(({ name }) => name));
  });

  test.each(COMMANDS)('$name: says what the help says of each option, and of no other', (spec) => {
    const section = sectionOf(spec.name);
    expect(section).toContain(`${spec.summary}.`);
    for (const { name, help } of spec.options) expect(section).toMatch(rowOf(name, help));
    const rows = [...section.matchAll(/^\| `--([a-z0-9-]+)/gm)].map(([, name]) => name);
    expect(rows).toEqual(spec.options.map(({ name }) => name));
    expect(/\[Where\]\(#where\)/.test(section)).toBe(spec.hasTarget === true);
    expect(section.includes('`--json`')).toBe(
      spec.printsJson === true || spec.options.some(({ name }) => name === 'json'),
    );
  });

  test.each(TARGET_ROWS)('where: --$name', ({ name, help }) => {
    expect(sectionOf('Where')).toMatch(rowOf(name, help));
  });

  test('its examples are command lines that the commands take', () => {
    const lines = [...PAGE.matchAll(/^ {4}qure-dropoff (.+)$/gm)].map(([, line = '']) => line);
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      const words = line.replace(/ +#.*$/, '').split(/ +/);
      const spec =
        COMMANDS.find(({ name }) => name === words.slice(0, 2).join(' ')) ??
        COMMANDS.find(({ name }) => name === words[0]);
      if (spec === undefined) throw new Error(`expected a command, got: ${line}`);
      const argv = words.slice(spec.name.split(' ').length);
      const { problems } = readArguments(spec, argv, {});
      expect({
        line,
        problems: problems.filter((one) => !/: expected a (?:folder$|file or a folder)/.test(one)),
      }).toEqual({
        line,
        problems: [],
      });
    }
  });
});

describe.each([60, 80, 110])('on a terminal of %d columns', (columns) => {
  test.each(COMMANDS)('the help of $name fits, and its paragraphs fill their lines', (spec) => {
    const lines = commandHelp(spec, columns).split('\n');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    // Of two lines of a paragraph, the first has no room for the first word of the second.
    const about = lines.slice(lines.findLastIndex((line) => /^ +-h, --help/.test(line)) + 1);
    for (const [at, line] of about.entries()) {
      const [word = ''] = (about[at + 1] ?? '').split(' ');
      if (word !== '' && line !== '' && !line.startsWith('  '))
        expect(`${line} ${word}`.length).toBeGreaterThan(columns);
    }
  });
});

test.each([
  [{}, undefined, 80],
  [{}, 100, 100],
  [{}, 300, 110],
  [{ COLUMNS: '20' }, 100, 60],
  [{ COLUMNS: '72' }, undefined, 72],
  [{ COLUMNS: 'wide' }, 90, 90],
])('with %j on a terminal of %s columns help has %d', (env, columns, expected) => {
  expect(helpColumns({ env, columns })).toBe(expected);
});

test('each npm script that is a short form names a command', () => {
  const short = Object.entries(packageJson.scripts).filter(([, script]) => script.includes('cli/main.ts '));
  expect(short.length).toBeGreaterThan(5);
  for (const [, script] of short) {
    const name = script.split('cli/main.ts ')[1];
    expect(COMMANDS.map((spec) => spec.name)).toContain(name);
  }
});
