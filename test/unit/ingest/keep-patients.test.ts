import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { DicomElement } from '@qure-dropoff/dicom/write';
import { describe, expect, test } from 'vitest';
import { indexObjects } from '../../../functions/ingest/index-objects.ts';
import type { PatientText } from '../../../functions/instances/kept-patient.ts';
import { PatientKms } from '../../support/patient-kms.ts';
import { newWorld } from '../../support/world/new-world.ts';
import { breakCalls } from '../../support/world/port-calls.ts';
import { ID, keyOf, slice } from '../../support/world/scans.ts';
import { seriesIn } from '../../support/world/stages.ts';
import { sourceNamed, type World, type WorldOptions } from '../../support/world/world.ts';

const DOE: DicomElement[] = patient('Doe^Jane', '4711');

function patient(name: string, id: string): DicomElement[] {
  return [
    { tag: 0x00100010, vr: 'PN', value: name },
    { tag: 0x00100020, vr: 'LO', value: id },
  ];
}

class ShowingWorld {
  readonly world: World;
  kms = new PatientKms();

  constructor(options: WorldOptions = {}) {
    this.world = newWorld(options);
  }

  drop(number: number, elements: DicomElement[], overrides = {}): string {
    const key = keyOf(number);
    this.world.drop.put(key, slice(number, { elements, ...overrides }));
    return key;
  }

  index(keys: readonly string[], patientSealer = this.kms.sealer) {
    const { source } = this.world;
    return indexObjects(
      { ...this.world.deps, patientSealer },
      keys.map((key) => ({ key, source })),
    );
  }

  async kept(): Promise<PatientText | undefined> {
    const row = await this.world.deps.patients.load(ID);
    return row && this.kms.opener(ID, row.sealed);
  }
}

describe('with phi: show', () => {
  test('keeps the patient of a series once for all of its instances', async () => {
    const showing = new ShowingWorld();
    const keys = [1, 2, 3].map((number) => showing.drop(number, DOE));
    await showing.index(keys);
    await showing.index([showing.drop(4, DOE)]);
    expect(await showing.kept()).toEqual({ patientName: 'Doe^Jane', patientId: '4711' });
    expect(showing.kms.calls.filter((call) => call === 'Encrypt')).toHaveLength(1);
  });

  test('no row, log line, event, metric or message has the name or the ID as text', async () => {
    const showing = new ShowingWorld();
    await showing.index([showing.drop(1, patient('Doe^Jane', 'PAT-0815'))]);
    const { table, log, events, metrics, completion } = showing.world;
    const texts = [...table.rows()].map((row) =>
      JSON.stringify(row, (_name, value) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
      ).replaceAll('default/Doe^Jane/IM', ''),
    );
    expect(texts.join('')).toContain('PATIENT');
    const said = texts.join('') + JSON.stringify([log, events, metrics, completion.sent]);
    expect(said).not.toMatch(/Doe|Jane|0815/);
  });

  test('a file that corrects the name replaces it, one that is known does not', async () => {
    const showing = new ShowingWorld();
    await showing.index([showing.drop(1, DOE)]);
    await showing.index([showing.drop(1, patient('Doe^Joan', '4711'), { rows: 16 })]);
    expect(await showing.kept()).toEqual({ patientName: 'Doe^Joan', patientId: '4711' });
    const encrypted = showing.kms.calls.filter((call) => call === 'Encrypt').length;
    await showing.index([keyOf(1)]);
    expect(showing.kms.calls.filter((call) => call === 'Encrypt')).toHaveLength(encrypted);
  });

  test('what is under another key is kept again with the next file, also with a known one', async () => {
    const showing = new ShowingWorld();
    const keys = [showing.drop(1, DOE)];
    await showing.index(keys);
    showing.kms = new PatientKms('1e'.repeat(32), 'arn:aws:kms:eu-central-1:111111111111:key/next');
    await showing.index(keys);
    expect(await showing.kept()).toEqual({ patientName: 'Doe^Jane', patientId: '4711' });
  });

  test.each([
    ['no PatientID', [{ tag: 0x00100010, vr: 'PN', value: 'Doe^Jane' }]],
    ['a blank PatientID', patient('Doe^Jane', '   ')],
    ['a PatientID of control characters', patient('Doe^Jane', '\u0001\u0002')],
  ] as [string, DicomElement[]][])('keeps nothing of a file with %s', async (_what, elements) => {
    const showing = new ShowingWorld();
    await showing.index([showing.drop(1, elements)]);
    expect(await showing.kept()).toBeUndefined();
    expect(showing.world.metrics.map(({ name }) => name)).not.toContain('PatientsNotKept');
  });

  test('the row expires with those of the instances', async () => {
    const source = sourceNamed('default', { retention: { scanDays: 30 } });
    const showing = new ShowingWorld({ sources: [source] });
    await showing.index([showing.drop(1, DOE)]);
    const row = await showing.world.deps.patients.load(ID);
    expect(row?.expiresAt?.slice(0, 10)).toBe('2026-04-14');
    expect(row?.expiresAt?.slice(0, 10)).toBe(
      (await showing.world.instances.ofSeries(ID))[0]?.expiresAt?.slice(0, 10),
    );
  });
});

describe('an outage of KMS', () => {
  const outage = () => Object.assign(new Error('Doe^Jane'), { name: 'TimeoutError' });

  test('delays no scan: it is indexed, and the failure is counted without the name', async () => {
    const showing = new ShowingWorld();
    showing.kms.outage = outage();
    expect(await showing.index([showing.drop(1, DOE)])).toEqual(new Map());
    await seriesIn(showing.world, 'RECEIVING');
    expect(showing.world.completion.sent).toHaveLength(1);
    expect(await showing.world.deps.patients.load(ID)).toBeUndefined();
    expect(showing.world.metrics).toContainEqual({
      name: 'PatientsNotKept',
      value: 1,
      dimensions: { source: 'default' },
    });
    const line = showing.world.log.find(({ message }) => message === 'patient could not be kept');
    expect(line).toMatchObject({ level: 'error', fields: { ...ID, error: 'TimeoutError' } });
    expect(JSON.stringify(showing.world.log)).not.toContain('Jane');
  });

  test('is tried again with the next file of the series', async () => {
    const showing = new ShowingWorld();
    showing.kms.outage = outage();
    await showing.index([showing.drop(1, DOE)]);
    showing.kms.outage = undefined;
    await showing.index([showing.drop(2, DOE)]);
    expect(await showing.kept()).toEqual({ patientName: 'Doe^Jane', patientId: '4711' });
  });

  test('is tried again with a file that is dropped again', async () => {
    const showing = new ShowingWorld();
    showing.kms.outage = outage();
    const keys = [showing.drop(1, DOE)];
    await showing.index(keys);
    showing.kms.outage = undefined;
    await showing.index(keys);
    expect(await showing.kept()).toEqual({ patientName: 'Doe^Jane', patientId: '4711' });
  });

  test('costs a batch of many series no more than one round', async () => {
    const showing = new ShowingWorld();
    showing.kms.outage = outage();
    const keys = Array.from({ length: 40 }, (_, at) => {
      const key = `default/many/${at}`;
      const seriesInstanceUid = `1.2.840.9.${at + 1}`;
      showing.world.drop.put(key, slice(1, { seriesInstanceUid, elements: DOE }));
      return key;
    });
    expect(await showing.index(keys)).toEqual(new Map());
    expect(showing.kms.calls.length).toBeLessThanOrEqual(10);
    expect(showing.world.metrics.filter(({ name }) => name === 'PatientsNotKept')).toHaveLength(40);
  });

  test('an outage of the row alone is no failure of the scan either', async () => {
    const showing = new ShowingWorld();
    breakCalls(showing.world.probe, 'patients.put', 'before');
    expect(await showing.index([showing.drop(1, DOE)])).toEqual(new Map());
    expect(showing.world.metrics.map(({ name }) => name)).toContain('PatientsNotKept');
  });
});

test('by default nothing is read, encrypted or written for it', async () => {
  const world = newWorld();
  const asked: string[] = [];
  world.probe.before = ({ name }) => {
    if (name.startsWith('patients.')) asked.push(name);
  };
  world.drop.put(keyOf(1), slice(1, { elements: DOE }));
  await indexObjects(world.deps, [{ key: keyOf(1), source: world.source }]);
  expect(asked).toEqual([]);
  expect([...world.table.rows()].map((row) => row['sk'])).not.toContain('PATIENT');
});

test('a row of another series cannot be opened, even by who may decrypt', async () => {
  const { sealer, opener } = new PatientKms();
  const sealed = await sealer.seal(ID, { patientId: '4711' });
  expect(await opener(ID, sealed)).toEqual({ patientId: '4711' });
  for (const other of [
    { ...ID, source: 'other' },
    { ...ID, seriesInstanceUid: '1.2.3' },
  ])
    await expect(opener(other, sealed)).rejects.toThrow('InvalidCiphertextException');
});

test('an older content that comes late changes nothing', async () => {
  const showing = new ShowingWorld();
  const keys = [showing.drop(1, DOE)];
  await showing.index(keys);
  const row = await showing.world.deps.patients.load(ID);
  const [instance] = await showing.world.instances.ofSeries(ID);
  if (row === undefined || instance === undefined) throw new Error('expected both rows');
  // As if the row were of an object under another key that was dropped later.
  const later = {
    ...instance,
    object: {
      ...instance.object,
      key: 'default/later',
      etag: 'ff',
      lastModified: '2099-01-01T00:00:00.000Z',
    },
  };
  await showing.world.instances.put([later]);
  showing.world.table.execute(
    new PutCommand({
      TableName: 'table',
      Item: { pk: `${ID.source}#${ID.seriesInstanceUid}`, sk: 'PATIENT', ...row, keyId: 'another key' },
    }),
  );
  await showing.index(keys);
  expect(await showing.world.deps.patients.load(ID)).toEqual({ ...row, keyId: 'another key' });
});
