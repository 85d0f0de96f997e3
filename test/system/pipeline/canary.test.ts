import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isFinal } from '../../../functions/series/series.ts';
import { type Host, startHost } from '../../../local/host/host.ts';
import { readStartOptions } from '../../support/start-options.ts';
import { synthesizeApp } from '../../support/synthesize-app.ts';
import { prepareStack } from '../../support/synthesized-stack.ts';
import { until } from '../../support/until.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'canary-'));
let host: Host;
beforeAll(async () => {
  await prepareStack(dataDir);
  // The same stack with a canary, in the place of the one that the host would make.
  await synthesizeApp(join(dataDir, 'stack'), { canarySource: 'default' });
  // Longer than the test's patience: only the canary's own marker completes its study.
  const options = ['--data-dir', dataDir, '--port', '0', '--s3-port', '0', '--quiet-period', '86400'];
  const read = readStartOptions(options, {});
  host = await startHost(read, {}, () => {});
});
afterAll(async () => {
  host?.s3.destroy();
  await host?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function seriesSeen() {
  await host.watch.refresh();
  return host.watch.views();
}

it('drops a study with the deployed function, and reports its success', async () => {
  // Every schedule runs once when the host starts.
  const study = await until('the first study is final', async () => (await seriesSeen()).find(isFinal));
  expect(study).toMatchObject({
    source: 'default',
    state: 'DONE',
    product: 'qER',
    evidence: 'marker',
    instances: 24,
  });

  expect(await host.cloud.invoke('canary', {})).toEqual({ succeeded: 1, failed: 0, hasDropped: true });
  const file = readdirSync(join(dataDir, 'logs')).find((name) => name.includes('anary'));
  const lines = readFileSync(join(dataDir, 'logs', file ?? ''), 'utf8').split('\n');
  const metrics = lines.filter((line) => line.includes('"CloudWatchMetrics"'));
  expect(metrics.map((line) => JSON.parse(line.slice(line.indexOf('{'))) as object)).toEqual([
    expect.objectContaining({ App: 'qure-dropoff', Source: 'default', CanarySucceeded: 1 }),
    expect.objectContaining({ Source: 'default', CanarySeconds: expect.any(Number) }),
  ]);
  const both = await until('the second study is final too', async () => {
    const final = (await seriesSeen()).filter(isFinal);
    return final.length === 2 ? final : undefined;
  });
  expect(both.map(({ state }) => state)).toEqual(['DONE', 'DONE']);
});
