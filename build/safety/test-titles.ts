import { globSync, readFileSync } from 'node:fs';

/** A test, a group of tests or a row of a table of tests, by what names it. */
export interface TestTitle {
  /** From the root of the repository. */
  file: string;
  /** As it stands in the code, without the ids of requirements before it. */
  title: string;
  /** Ids of the requirements that it proves. */
  requirements: string[];
  /** False where vitest is told to leave it out. */
  runs: boolean;
}

const REPOSITORY = new URL('../../', import.meta.url);
const CALL =
  /\b(?:it|test|describe)(?<modifiers>(?:\.[a-zA-Z]+(?:\((?:[^()]|\([^()]*\))*\))?)*(?:\.each(?:<[\s\S]*?>)?\([\s\S]*?\))?)\(\s*(?<quote>['"`])(?<title>(?:\\.|(?!\k<quote>)[\s\S])*)\k<quote>/g;
const ROW = /\bname: (?<quote>['"`])(?<title>(?:\\.|(?!\k<quote>)[^\n])*)\k<quote>/g;
const IDS = /^(?<ids>REQ-[A-Z]+-[0-9]+(?: REQ-[A-Z]+-[0-9]+)*): /;
export const REQUIREMENT_ID = /REQ-[A-Z]+-[0-9]+/g;

/** Every title in the files that vitest runs. */
export function testTitles(): TestTitle[] {
  return globSync(['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'], { cwd: REPOSITORY })
    .map((file) => file.replaceAll('\\', '/'))
    .toSorted()
    .flatMap((file) => titlesOf(file, readFileSync(new URL(file, REPOSITORY), 'utf8')));
}

export function titlesOf(file: string, code: string): TestTitle[] {
  return [...code.matchAll(CALL), ...code.matchAll(ROW)].map(({ groups }) => {
    const text = (groups?.['title'] ?? '').replace(/\\(.)/g, '$1');
    const ids = IDS.exec(text)?.groups?.['ids'];
    return {
      file,
      title: ids === undefined ? text : text.slice(ids.length + 2),
      requirements: ids === undefined ? [] : ids.split(' '),
      runs: !/\.(skip|todo)\b/.test(groups?.['modifiers'] ?? ''),
    };
  });
}
