import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { REGRESSIONS } from '../regressions.ts';
import type { Mutation } from './mutation.ts';
import { MUTATIONS, mutationNamed } from './mutations.ts';
import { runMutant, runMutantWithControl } from './run-mutant.ts';
import type { MutantOutcome, Seeds } from './run-seeds.ts';

const USAGE = `npm run simulate:mutants -- [--seeds N] [--control N] [--workers N] [--only NAME]...
each mutant must be killed within N seeds, or by the kept scenario that names it; --only: these mutants`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1500' },
      control: { type: 'string', default: '500' },
      workers: { type: 'string', default: String(Math.max(2, availableParallelism())) },
      only: { type: 'string', multiple: true },
    },
  });
  const seeds = count(values.seeds);
  // The control first: if an invariant breaks in the original code, a killed mutant proves nothing.
  const control = await runAndPrint('control', undefined, count(values.control));
  if (control.kind !== 'survived') return 1;
  const waiting: Mutation[] = values.only?.map(mutationNamed) ?? [...MUTATIONS];
  const total = waiting.length;
  const survived: string[] = [];
  const late: string[] = [];
  const work = async () => {
    for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift()) {
      const outcome = await runAndPrint(mutation.name, mutation, seeds);
      if (outcome.kind !== 'killed') survived.push(mutation.name);
      else if (mutation.isOnlyOfScenario !== true && outcome.seed > seeds / 2) late.push(mutation.name);
    }
  };
  await Promise.all(Array.from({ length: count(values.workers) }, work));
  console.log(`\n${total - survived.length} of ${total} mutants killed`);
  if (late.length > 0)
    console.log(
      `killed late, in the last half of the seeds; make their scenarios likelier: ${late.join(', ')}`,
    );
  if (survived.length > 0) console.log(`survived: ${survived.join(', ')}`);
  return survived.length > 0 ? 1 : 0;
}

async function runAndPrint(
  name: string,
  mutation: Mutation | undefined,
  seeds: number,
): Promise<MutantOutcome> {
  const startedMs = performance.now();
  const outcome = await runFor(mutation, { from: 1, to: seeds });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const used = outcome.kind === 'killed' ? outcome.seed : seeds;
  const isOfScenario = mutation?.isOnlyOfScenario === true;
  const cells = [
    outcomeOf(outcome, mutation === undefined).padEnd(10),
    name.padEnd(36),
    isOfScenario ? ' kept scenario' : `${String(used).padStart(5)} seeds`,
    `${seconds.padStart(6)} s`,
    detailOf(outcome),
  ];
  console.log(cells.join('  ').trimEnd());
  return outcome;
}

function runFor(mutation: Mutation | undefined, seeds: Seeds): Promise<MutantOutcome> {
  if (mutation === undefined) return runMutant(undefined, seeds);
  if (mutation.isOnlyOfScenario !== true) return runMutantWithControl(mutation.name, seeds);
  const number = REGRESSIONS.findIndex((kept) => kept.mutation === mutation.name);
  return runMutantWithControl(mutation.name, { from: number, to: number }, 'kept');
}

function outcomeOf({ kind }: MutantOutcome, isControl: boolean): string {
  if (kind === 'crashed') return 'CRASHED';
  if (isControl) return kind === 'survived' ? 'clean' : 'NOT CLEAN';
  return kind === 'killed' ? 'killed' : 'SURVIVED';
}

function detailOf(outcome: MutantOutcome): string {
  switch (outcome.kind) {
    case 'survived':
      return '';
    case 'killed':
      return outcome.invariant;
    case 'crashed':
      return outcome.message;
    default:
      return outcome satisfies never;
  }
}

function count(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new TypeError(`expected a whole number above zero, got ${text}`);
  return Number(text);
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
