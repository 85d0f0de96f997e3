import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NO_CHROMIUM } from '../../support/chromium.ts';
import { launchChromium, openPage, PATIENCE_MS } from '../../support/console-browser.ts';
import { headSlice, type Pipeline, startPipeline } from '../../support/pipeline.ts';

const NAME = 'GEHEIM^<b>PATIENTIN</b>';
const ID = 'PAT-080815';
const FORBIDDEN = /GEHEIM|PATIENTIN|080815/;
const UID = '1.2.840.77.1';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline({ quietPeriodSeconds: 86_400, showsPatients: true });
  const elements = [
    { tag: 0x00100010, vr: 'PN' as const, value: NAME },
    { tag: 0x00100020, vr: 'LO' as const, value: ID },
  ];
  for (const number of [1, 2, 3])
    await pipeline.put(`sitea/a/${number}`, headSlice(UID, number, { elements }));
  await pipeline.put('sitea/a/_COMPLETE', JSON.stringify({ series: { [UID]: 3 } }));
  expect((await pipeline.final(UID)).state).toBe('DONE');
});
afterAll(() => pipeline?.stop());

async function ask(path: string, method = 'GET') {
  const response = await fetch(new URL(path, pipeline.host.console.url), {
    method,
    ...(method === 'POST' && {
      body: '{"comment":"ward 7"}',
      headers: { 'content-type': 'application/json' },
    }),
  });
  return { status: response.status, text: await response.text() };
}

describe('a host that shows patients', () => {
  it('shows the patient of a series to who asks, and says that somebody has', async () => {
    const { status, text } = await ask(`/v1/series/${UID}/patient`, 'POST');
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { source: 'sitea', seriesInstanceUid: UID, patientName: NAME, patientId: ID },
    ]);
    expect(JSON.parse((await ask(`/v1/series/${UID}`)).text)).toMatchObject({
      actions: [{ kind: 'view_patient', by: 'local', comment: 'ward 7' }],
    });
  });

  it('has them in no other answer, row, message, event, log or result', async () => {
    for (const path of [
      '/v1/series',
      '/v1/studies',
      `/v1/series/${UID}`,
      `/v1/series/${UID}/results`,
      '/v1/actions',
    ])
      expect((await ask(path)).text).not.toMatch(FORBIDDEN);

    const client = new DynamoDBClient(pipeline.host.cloud.clientConfig('dynamodb'));
    const rows: string[] = [];
    const TableName = pipeline.host.cloud.outputs['TableName'] ?? '';
    for await (const { Items = [] } of paginateScan({ client }, { TableName }))
      for (const item of Items) rows.push(`${JSON.stringify(item)} ${sealedOf(item)}`);
    client.destroy();
    expect(rows.filter((row) => row.includes('"PATIENT"'))).toHaveLength(1);
    expect(rows.join('\n')).not.toMatch(FORBIDDEN);

    const { s3: resultsOf, cloud } = pipeline.host;
    const pages = paginateListObjectsV2({ client: resultsOf }, { Bucket: cloud.buckets.results });
    let results = 0;
    for await (const { Contents = [] } of pages)
      for (const { Key = '' } of Contents) {
        results += 1;
        expect(Key + (await pipeline.readResultBytes(Key)).toString('latin1')).not.toMatch(FORBIDDEN);
      }
    expect(results).toBeGreaterThan(2);

    // All files of the host but the dropped scans themselves.
    const files = readdirSync(pipeline.dataDir, { recursive: true, encoding: 'utf8' }).filter(
      (file) => !file.startsWith('s3/') && statSync(join(pipeline.dataDir, file)).isFile(),
    );
    expect(files).toEqual(expect.arrayContaining(['events.jsonl', 'phi-key']));
    for (const file of files)
      expect([file, FORBIDDEN.test(readFileSync(join(pipeline.dataDir, file), 'latin1'))]).toEqual([
        file,
        false,
      ]);
  });

  it('has a key that its owner alone may read', () => {
    expect(statSync(join(pipeline.dataDir, 'phi-key')).mode & 0o777).toBe(0o600);
  });

  it.skipIf(NO_CHROMIUM !== undefined)(
    'its page shows them as text when asked, and no more after the panel is closed',
    async () => {
      const browser = await launchChromium();
      try {
        const { page } = await openPage(browser, `${pipeline.host.console.url}?q=${UID}.0`);
        await page.getByRole('row').filter({ hasText: 'qER' }).click();
        const panel = page.locator('.panel');
        await panel.getByRole('button', { name: 'Show patient' }).waitFor();
        expect(await page.content()).not.toMatch(FORBIDDEN);
        await panel.getByRole('button', { name: 'Show patient' }).click();
        await panel.getByText('GEHEIM, <b>PATIENTIN</b>', { exact: true }).waitFor();
        await panel.getByText(ID, { exact: true }).waitFor();
        await panel.getByText('Patient viewed by local').first().waitFor();
        const kept = String(
          await page.evaluate('JSON.stringify([location.href, document.title, { ...localStorage }])'),
        );
        expect(kept).not.toMatch(FORBIDDEN);
        await panel.getByRole('button', { name: 'Hide patient' }).click();
        expect(await page.content()).not.toMatch(FORBIDDEN);
        await panel.getByRole('button', { name: 'Show patient' }).click();
        await panel.getByText(ID, { exact: true }).waitFor();
        await page.keyboard.press('Escape');
        await panel.waitFor({ state: 'detached' });
        expect(await page.content()).not.toMatch(FORBIDDEN);
      } finally {
        await browser.close();
      }
    },
    PATIENCE_MS,
  );
});

function sealedOf(item: Record<string, { B?: Uint8Array }>): string {
  return Buffer.from(item['sealed']?.B ?? []).toString('latin1');
}
