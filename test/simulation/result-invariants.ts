import { isDeepStrictEqual } from 'node:util';
import { contentTagOf } from '../../functions/instances/archive-entry.ts';
import { productOf } from '../../functions/qure/product.ts';
import type { Series } from '../../functions/series/series.ts';
import { BrokenInvariantError } from './broken-invariant.ts';
import type { FaultKind } from './faults.ts';
import type { Evidence } from './invariants.ts';
import { expectAnsweringProduct } from './product-invariant.ts';
import { expectProvenance } from './provenance-invariant.ts';
import { assetText } from './qure-client.ts';
import type { QureSeries } from './qure-series.ts';
import { isInvalidScan, usecaseOf } from './scans.ts';
import type { SimulatedWorld } from './world.ts';

const NO_ANSWER_MS = 900_000;

/** The result that is stored is that of all the instances that we hold. */
export function expectResult(
  { world, monitor, contentOf, resultText }: Evidence,
  row: Extract<Series, { state: 'DONE' }>,
): void {
  const held = monitor.instancesOf(row);
  const contents = new Map(held.map((one) => [one.sopInstanceUid, contentOf(contentTagOf(one.object))]));
  if (row.instances !== contents.size)
    broken(`2: DONE with ${row.instances} instances, ${contents.size} were dropped`);
  const source = world.sources.of(row.source);
  /** Qure holds what was dropped last; where another system uploads, or an old request came late, it may hold an older content. */
  const isContentOurs = source?.delivery === 'upload' && world.qureOf(row).overtakenAtMs.length === 0;
  const isOurs = isContentOurs && !hasHappened(world, 'qure_old_result');
  const folder = `${row.source}/${row.studyInstanceUid}/${row.seriesInstanceUid}/${row.generation}/`;
  expectProvenance(row, (name) => world.results.contentOf(folder + name));
  if (productOf({ name: row.source }, row.product).results === 'instance') {
    const dropped = isContentOurs ? contents : undefined;
    const unread = expectUnreadTold(row, world.qureOf(row), dropped, resultText(`${folder}findings.json`));
    if ([...unread.values()].includes('no_answer')) expectWaited(row, world);
    const read = new Map<string, string>();
    const answered = new Map<string, string>();
    for (const sop of contents.keys()) {
      if (unread.has(sop)) continue;
      const text = resultText(`${folder}result.${sop}.json`);
      if (text === undefined) broken('2: DONE without the result of an instance');
      const { usecase, contents: own } = expectAssets(text, isOurs, (type, index) =>
        resultText(`${folder}files/${sop}/${type}/${index}`),
      );
      const expected = world.qureOf(row).usecases.get(`${sop} ${own?.[sop]}`);
      if (usecase !== expected && !isInvalidScan(sop) && usecase !== 'not_implemented')
        broken(`10: DONE by an answer of ${usecase}`);
      if (!isInvalidScan(sop)) read.set(sop, usecase);
      answered.set(sop, own?.[sop] ?? '');
    }
    expectReplacedTold(row, world.qureOf(row), answered, contents);
    expectAnsweringProduct(row, [...read.values()]);
    return;
  }
  const text = resultText(`${folder}result.json`);
  if (text === undefined) broken('2: DONE without a result');
  const { contents: computedContents = {}, usecase } = expectAssets(text, isOurs, (type, index) =>
    resultText(`${folder}files/${type}/${index}`),
  );
  for (const file of row.resultFiles) {
    if (resultText(folder + file) === undefined) broken('2: DONE with a file that is not stored');
  }
  if (usecase !== usecaseOf(row.seriesInstanceUid)) broken(`10: DONE by an answer of ${usecase}`);
  if (row.sameAsGeneration !== undefined) expectSame(row, text, resultText);
  // Qure starts by itself when it likes; what it left out is not ours to see.
  if (source?.compute === 'automatic') return;
  if (resultText(`${folder}compute.json`) === undefined) broken('2: DONE without compute.json');
  const isUnnoticed = world.qureOf(row).overtakenAtMs.some((atMs) => world.hasComputeLostTrack(atMs));
  if (source?.delivery === 'external' || isUnnoticed) return;
  // An old answer that Qure gave for the whole wait is told, and looked at by a person.
  if (row.sameAsGeneration !== undefined && hasHappened(world, 'qure_old_result')) return;
  const computed = new Map(Object.entries(computedContents));
  const old = expectReplacedTold(row, world.qureOf(row), computed, contents);
  for (const [sop, content] of contents) {
    if (computed.get(sop) !== content && !old.includes(sop))
      broken('2: the result is not that of what was dropped');
  }
}

/** Instances of which the answer is of a content that was replaced, since Qure kept it: the row tells how many there may be. */
function expectReplacedTold(
  { replacedUnconfirmed = 0 }: Extract<Series, { state: 'DONE' }>,
  { notTaken }: QureSeries,
  answered: ReadonlyMap<string, string>,
  contents: ReadonlyMap<string, string>,
): string[] {
  const old = [...answered].flatMap(([sop, content]) => {
    const dropped = contents.get(sop);
    return content !== dropped && notTaken.has(`${sop} ${dropped}`) ? [sop] : [];
  });
  if (old.length > replacedUnconfirmed)
    broken('10: DONE does not tell that Qure may hold a content that was replaced');
  return old;
}

/**
 * Instances without a result, and why: each is one that Qure has said it has not read, or that had no answer in time; the row and
 * `findings.json` tell of it.
 * `contents`: what was dropped, where that is what Qure has read.
 */
function expectUnreadTold(
  row: Extract<Series, { state: 'DONE' }>,
  { unread: said, notTaken }: QureSeries,
  contents: ReadonlyMap<string, string> | undefined,
  findings = '{}',
): Map<string, string> {
  const { instances = [] } = JSON.parse(findings) as {
    instances?: { sopInstanceUid: string; unread?: string }[];
  };
  const told = new Map(
    instances.flatMap(({ sopInstanceUid, unread }) =>
      unread === undefined ? [] : [[sopInstanceUid, unread] as const],
    ),
  );
  const unread = [...said, ...notTaken];
  const isUnread = (sop: string) =>
    contents === undefined
      ? unread.some((id) => id.startsWith(`${sop} `))
      : unread.includes(`${sop} ${contents.get(sop)}`);
  for (const [sop, reason] of told)
    if (reason !== 'no_answer' && !isUnread(sop)) broken('10: an instance is told to be unread, and is not');
  if ((row.unreadInstances ?? 0) !== told.size)
    broken('10: DONE does not tell how many of its instances are unread');
  return told;
}

/** Qure had a quarter of an hour for the others from its first answer on, in this wait for results. */
function expectWaited(row: Extract<Series, { state: 'DONE' }>, world: SimulatedWorld): void {
  const { accepted, changedAt } = row;
  const firstAnswerAtMs = world.qureOf(row).firstAnswerAtMs ?? Infinity;
  const sinceMs = Math.max(firstAnswerAtMs, Date.parse(accepted?.at ?? ''));
  if (Date.parse(changedAt) < sinceMs + NO_ANSWER_MS - 2 * world.scenario.maxSkewMs)
    broken('10: an instance without an answer was not waited for');
}

/** What is told as the answer of an earlier generation is it. */
function expectSame(
  row: Extract<Series, { state: 'DONE' }>,
  text: string,
  resultText: Evidence['resultText'],
): void {
  const { source, studyInstanceUid, seriesInstanceUid, sameAsGeneration } = row;
  const earlier = resultText(
    `${source}/${studyInstanceUid}/${seriesInstanceUid}/${sameAsGeneration}/result.json`,
  );
  // One that nobody had stored was known all the same.
  if (earlier !== undefined && !isSameAnswer(earlier, text))
    broken('10: a result is told to be that of another generation, and is not');
}

/** Whether two stored answers differ in their links alone. The order in which an object has its members says nothing. */
export function isSameAnswer(one: string, other: string): boolean {
  const withoutLinks = (text: string): unknown => JSON.parse(text.replaceAll(/https:[^"]*/g, 'link'));
  return isDeepStrictEqual(withoutLinks(one), withoutLinks(other));
}

export function hasHappened(world: SimulatedWorld, kind: FaultKind): boolean {
  return [...world.plan.coverage.keys()].some((key) => key.startsWith(`${kind} `));
}

interface ModelResult {
  contents?: Record<string, string>;
  usecase: string;
  result: { files?: Record<string, string[]> };
}

/** The result as the model gave it, and every asset of it stored. `isOurs`: nobody else changes what Qure has meanwhile. */
function expectAssets(
  text: string,
  isOurs: boolean,
  storedText: (type: string, index: number) => string | undefined,
): ModelResult {
  if (!text.startsWith('{')) broken('2: what is stored is no result');
  const result = JSON.parse(text) as ModelResult;
  if (result.result.files === undefined) broken('10: DONE with an empty result');
  for (const [type, urls] of Object.entries(result.result.files)) {
    for (const [index, url] of urls.entries()) {
      const stored = storedText(type, index);
      if (stored === undefined) broken('2: DONE without one of its assets');
      if (isOurs && type !== 'sc' && stored !== assetText(url))
        broken('2: DONE with an asset of another result');
    }
  }
  return result;
}

function broken(message: string): never {
  throw new BrokenInvariantError(message);
}
