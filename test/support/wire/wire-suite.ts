import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Pipeline, startPipeline } from '../pipeline.ts';
import { createWireProxy, type WireProxy } from './wire-proxy.ts';
import { SERVICES, type Service, type WireRule } from './wire-rule.ts';
import {
  drop,
  expectDone,
  KEY_SEGMENT,
  PATIENT_NAME,
  untilFinal,
  type Workload,
  workloadOf,
} from './workload.ts';

/** What strikes the calls of one workload; they are told apart by its UIDs in path or body. */
export type WireRow = Omit<WireRule, 'name' | 'service' | 'mentions' | 'answerMentions'> & {
  /** Besides the workload's UIDs, which come in place of `<uid>`. */
  mentions?: readonly string[];
  /** Where the workload's UIDs have to be. `anywhere`: whosever call comes. Default: in the request. */
  inThe?: 'request' | 'answer' | 'anywhere';
};

/** What fails for good within one run comes again so soon. */
const VISIBILITY_SECONDS = 5;
/** A whole batch takes longer, on a busy machine long enough to be received ten times over. */
const BATCH_VISIBILITY_SECONDS = 20;

/** The runner's own limit, for the case that even looking hangs; `untilFinal` notices before when nothing moves. */
const HANG_MS = 3_600_000;

/**
 * Starts the whole host behind the proxy, drops one workload for each row at once, each struck by its own rule, and
 * checks them all: what strikes one must not hold the others up either.
 */
export function describeWire(
  service: Service,
  rows: Readonly<Record<string, WireRow>>,
  { isUnbatched = true }: { isUnbatched?: boolean } = {},
): void {
  const cases = Object.entries(rows).map(([name, row], at) => {
    // All of the same length, so that none is the beginning of another.
    const uid = `1.2.84.${SERVICES.indexOf(service) + 1}.${100 + at}`;
    return { name, row, workload: workloadOf(uid) };
  });
  let wire: WireProxy;
  let pipeline: Pipeline;
  beforeAll(async () => {
    wire = createWireProxy();
    pipeline = await startPipeline({
      quietPeriodSeconds: 86_400,
      wire,
      template: {
        visibilitySeconds: isUnbatched ? VISIBILITY_SECONDS : BATCH_VISIBILITY_SECONDS,
        isUnbatched,
      },
    });
    wire.setRules(cases.map(({ name, row, workload }) => ruleOf(service, name, row, workload)));
    await Promise.all(cases.map(({ workload }) => drop(pipeline, workload)));
  }, HANG_MS);
  afterAll(async () => {
    await pipeline?.stop();
    await wire?.close();
  });

  describe(`a fault between the pipeline and ${service} ends in a result`, () => {
    it('for every workload', { timeout: HANG_MS }, async () => {
      const workloads = cases.map(({ workload }) => workload);
      await untilFinal(pipeline, workloads);
    });

    it.each(cases)('$name', async ({ name, row, workload }) => {
      await expectDone(pipeline, workload);
      // A fault that never came proves nothing.
      expect(wire.struck(name)).toBe(row.times ?? 1);
    });

    it('leaves nothing in a dead-letter queue', () => {
      const dead = Object.entries(pipeline.host.cloud.queueCounts()).filter(([name]) =>
        name.includes('Dead'),
      );
      expect(dead.length).toBeGreaterThan(0);
      expect(dead.filter(([, { visible, inflight }]) => visible + inflight > 0)).toEqual([]);
    });

    it('writes no key, token or patient into a log or an event', () => {
      const folder = join(pipeline.dataDir, 'logs');
      const files = readdirSync(folder).map((name) => join(folder, name));
      expect(files.length).toBeGreaterThan(0);
      for (const file of [...files, join(pipeline.dataDir, 'events.jsonl')]) {
        const text = readFileSync(file, 'utf8');
        const forbidden = ['good-token', PATIENT_NAME, KEY_SEGMENT, 'X-Amz-Signature'];
        expect(forbidden.filter((secret) => text.includes(secret))).toEqual([]);
      }
    });
  });
}

function ruleOf(service: Service, name: string, row: WireRow, { uid }: Workload): WireRule {
  const { mentions = [], inThe = 'request', ...rest } = row;
  const texts = mentions.map((text) => text.replace('<uid>', uid));
  return {
    ...rest,
    name,
    service: row.operation === 'asset' ? 'assets' : service,
    mentions: inThe === 'request' ? [uid, ...texts] : texts,
    ...(inThe === 'answer' ? { answerMentions: uid } : {}),
  };
}
