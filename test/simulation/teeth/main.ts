import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { REGRESSIONS } from '../regressions.ts';
import type { Hunted, Seeds } from './hunt.ts';
import type { Mutation } from './mutation.ts';
import { MUTATIONS, mutationNamed } from './mutations.ts';
import { runFairHunt, runHunt } from './run-hunt.ts';

const USAGE = `npm run simulate:teeth -- [--seeds N] [--control N] [--workers N] [--only NAME]...
each breakage must be caught within N seeds, or by the kept story that names it; --only: these alone`;

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
  // The control first: where the unbroken code is not clean, nothing that is caught proves anything.
  const control = await tell('control', undefined, count(values.control));
  if (control.kind !== 'clean') return 1;
  const waiting: Mutation[] = values.only?.map(mutationNamed) ?? [...MUTATIONS];
  const total = waiting.length;
  const missed: string[] = [];
  const late: string[] = [];
  const work = async () => {
    for (let mutation = waiting.shift(); mutation !== undefined; mutation = waiting.shift()) {
      const hunted = await tell(mutation.name, mutation, seeds);
      if (hunted.kind !== 'caught') missed.push(mutation.name);
      else if (mutation.isOnlyOfStory !== true && hunted.seed > seeds / 2) late.push(mutation.name);
    }
  };
  await Promise.all(Array.from({ length: count(values.workers) }, work));
  console.log(`\n${total - missed.length} of ${total} breakages caught`);
  if (late.length > 0)
    console.log(
      `caught late, in the last half of the seeds; make their stories likelier: ${late.join(', ')}`,
    );
  if (missed.length > 0) console.log(`not caught: ${missed.join(', ')}`);
  return missed.length > 0 ? 1 : 0;
}

async function tell(name: string, mutation: Mutation | undefined, seeds: number): Promise<Hunted> {
  const startedMs = performance.now();
  const hunted = await huntFor(mutation, { from: 1, to: seeds });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const used = hunted.kind === 'caught' ? hunted.seed : seeds;
  const isOfStory = mutation?.isOnlyOfStory === true;
  const cells = [
    outcomeOf(hunted, mutation === undefined).padEnd(10),
    name.padEnd(36),
    isOfStory ? ' kept story' : `${String(used).padStart(5)} seeds`,
    `${seconds.padStart(6)} s`,
    detailOf(hunted),
  ];
  console.log(cells.join('  ').trimEnd());
  return hunted;
}

function huntFor(mutation: Mutation | undefined, seeds: Seeds): Promise<Hunted> {
  if (mutation === undefined) return runHunt(undefined, seeds);
  if (mutation.isOnlyOfStory !== true) return runFairHunt(mutation.name, seeds);
  const number = REGRESSIONS.findIndex((kept) => kept.mutation === mutation.name);
  return runFairHunt(mutation.name, { from: number, to: number }, 'kept');
}

function outcomeOf({ kind }: Hunted, isControl: boolean): string {
  if (kind === 'crashed') return 'CRASHED';
  if (isControl) return kind === 'clean' ? 'clean' : 'NOT CLEAN';
  return kind === 'caught' ? 'caught' : 'NOT CAUGHT';
}

function detailOf(hunted: Hunted): string {
  switch (hunted.kind) {
    case 'clean':
      return '';
    case 'caught':
      return hunted.invariant;
    case 'crashed':
      return hunted.message;
    default:
      return hunted satisfies never;
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
