import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type QureSimulator, startQureSimulator } from '@qure-dropoff/qure-simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../../local/report.ts';
import { type HostProcess, startHostProcess } from '../../support/host-process.ts';
import { headSlice } from '../../support/pipeline.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';
import { holdAt, MOMENTS } from '../../support/wire/moments.ts';
import { createWireProxy, type WireProxy } from '../../support/wire/wire-proxy.ts';
import type { WireRule } from '../../support/wire/wire-rule.ts';
import { startWiredHost } from '../../support/wire/wired-host-process.ts';

const SLICES = 4;
const dataDir = mkdtempSync(join(tmpdir(), 'kill-'));
const drops = join(dataDir, 'drops');
const series = MOMENTS.filter(({ isForFunctions }) => isForFunctions !== true).map((moment, at) => ({
  moment,
  name: moment.name,
  uid: `1.2.830.${100 + at}`,
}));

/**
 * The sweep that every start begins with has given the series of the last but one moment its next ticket, and not yet the message.
 * It was killed while it was computed, so that its state tells.
 */
const SWEPT = 'between the acceptance and the first poll';
const duringSweep = (uid: string): WireRule => ({
  name: 'during the sweep',
  service: 'dynamodb',
  operation: 'PutItem',
  mentions: [uid, '"COMPUTING'],
  fault: { kind: 'hold', when: 'after' },
});

let qure: QureSimulator;
let wire: WireProxy;
let baseUrl: string;
let last: HostProcess | undefined;
beforeAll(async () => {
  await prepareStack(dataDir);
  qure = await startQureSimulator({ token: 'good-token', source: 'workspace', computeDelayMs: 300 });
  wire = createWireProxy({ onHeld: ({ struckBy }) => heldAtQure.resolve(struckBy ?? '') });
  await wire.before('assets', qure.assetOrigin);
  baseUrl = await wire.before('qure', qure.baseUrl);
});
afterAll(async () => {
  await last?.kill();
  await wire?.close();
  await qure?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

let heldAtQure = Promise.withResolvers<string>();

/** Starts the host, waits until a call stands still by this rule, and kills it. */
async function killAt(rule: WireRule): Promise<void> {
  heldAtQure = Promise.withResolvers<string>();
  const isQures = rule.service === 'qure' || rule.service === 'assets';
  wire.setRules(isQures ? [rule] : []);
  const host = startWiredHost(
    isQures ? [] : [rule],
    [drops, '--data-dir', dataDir, '--quiet-period', '600', '--poll-interval', '0.5'],
    env(),
  );
  try {
    expect(await Promise.race([host.held, heldAtQure.promise])).toBe(rule.name);
  } finally {
    await host.kill();
  }
}

const env = () => ({ QURE_BASE_URL: baseUrl, QURE_TOKEN: 'good-token', QURE_SOURCE: 'workspace' });

describe('a host that is killed goes on where it was, and nothing is computed twice', () => {
  // Each start also takes up what the kill before has left, and is killed in the middle of it.
  it.each(series)('kills the host $name', async ({ moment, uid }) => {
    const folder = join(drops, uid);
    mkdirSync(folder, { recursive: true });
    for (let n = 1; n <= SLICES; n += 1) writeFileSync(join(folder, String(n)), headSlice(uid, n));
    // Complete by count: how fast this machine is plays no part.
    if (moment.isQuiet !== true) {
      writeFileSync(join(folder, '_COMPLETE'), JSON.stringify({ series: { [uid]: SLICES } }));
    }
    await killAt(holdAt(moment, uid));
    if (moment.name === SWEPT) await killAt(duringSweep(uid));
  });

  it('ends every series in its result after the last start', async () => {
    wire.setRules([]);
    const reportFile = join(dataDir, 'report.json');
    const args = ['--data-dir', dataDir, '--quiet-period', '10', '--poll-interval', '0.5', '--once'];
    // The folders again: what is there already is not dropped twice. The one series without a marker may lack files that were
    // not dropped before the kill: the quiet period begins with the start, and is long enough for them.
    last = startHostProcess([drops, ...args, '--json', reportFile], env());
    const { code, err } = await last.ended;
    expect(err).toBe('');
    expect(code).toBe(0);
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
    const expected = series.map(({ uid }) => ({
      seriesInstanceUid: uid,
      state: 'DONE',
      generation: 1,
      instances: SLICES,
      product: 'qER',
    }));
    const found = report.series.sort((a, b) => (a.seriesInstanceUid < b.seriesInstanceUid ? -1 : 1));
    expect(found).toMatchObject(expected);
    expect(report.quarantined).toEqual([]);
  });

  it.each(series)('REQ-ONCE-1: computes a series once after a kill $name', ({ uid }) => {
    expect(qure.series.get(uid)?.computations).toMatchObject([{ isRecompute: false, instances: SLICES }]);
  });
});
