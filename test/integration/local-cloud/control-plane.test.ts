import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { KMSClient } from '@aws-sdk/client-kms';
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  GetParameterCommand,
  ParameterNotFound,
  paginateGetParametersByPath,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPatientOpener, createPatientSealer } from '../../../functions/aws/patient-cipher.ts';
import { UnreadablePatientError } from '../../../functions/instances/kept-patient.ts';
import { startControlPlane } from '../../../local/cloud/control-plane.ts';
import type { BusEvent } from '../../../local/cloud/event-log.ts';
import type { JsonServer } from '../../../local/cloud/json-server.ts';
import { createLocalCipher } from '../../../local/cloud/local-cipher.ts';

let control: JsonServer;
let events: BusEvent[] = [];
let isDiskFull = false;
const parameters: Record<string, string> = { '/app/other': 'x', '/app/sources/deep/er': 'x' };
const secrets: Record<string, string> = {};

beforeEach(async () => {
  events = [];
  isDiskFull = false;
  control = await startControlPlane({
    parameters: () => parameters,
    secrets: () => secrets,
    cipher: createLocalCipher('0f'.repeat(32)),
    onEvents(batch) {
      if (isDiskFull) throw new Error('no space left');
      events.push(...batch);
    },
  });
});
afterEach(() => control.close());

const config = () => ({
  endpoint: control.url,
  region: 'us-east-1',
  maxAttempts: 1,
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
});

describe('KMS', () => {
  const patient = { patientName: 'Yamada^Tarou=山田^太郎', patientId: '4711' };
  const id = { source: 'default', seriesInstanceUid: '1.2.3' };
  const keyId = 'arn:aws:local:us-east-1:000000000000:Key';
  const kms = () => new KMSClient(config());

  it('encrypts and decrypts for the adapters of the functions', async () => {
    const sealed = await createPatientSealer({ kms: kms(), keyId }).seal(id, patient);
    expect(Buffer.from(sealed).toString('latin1')).not.toMatch(/Yamada|4711/);
    const open = createPatientOpener({ kms: kms(), keyId });
    expect(await open(id, sealed)).toEqual(patient);
    const again = await createPatientSealer({ kms: kms(), keyId }).seal(id, patient);
    expect(again).not.toEqual(sealed);
  });

  it('refuses another context, another key, and bytes that were changed', async () => {
    const sealed = await createPatientSealer({ kms: kms(), keyId }).seal(id, patient);
    const changed = Uint8Array.from(sealed, (byte, at) => (at === 20 ? byte ^ 1 : byte));
    for (const [key, of, bytes] of [
      [keyId, { ...id, source: 'other' }, sealed],
      [`${keyId}2`, id, sealed],
      [keyId, id, changed],
      [keyId, id, sealed.subarray(0, 5)],
      [keyId, id, new Uint8Array()],
    ] as const)
      await expect(createPatientOpener({ kms: kms(), keyId: key })(of, bytes)).rejects.toThrow(
        UnreadablePatientError,
      );
  });
});

describe('SSM', () => {
  it('lists the parameters below a path, page by page, and sees a change at once', async () => {
    const names = Array.from({ length: 25 }, (_, i) => `/app/sources/s${String(i).padStart(2, '0')}`);
    for (const name of names) parameters[name] = `value of ${name}`;
    const found: string[] = [];
    for await (const page of paginateGetParametersByPath(
      { client: new SSMClient(config()) },
      { Path: '/app/sources/' },
    )) {
      found.push(...(page.Parameters ?? []).map(({ Name: name, Value: value }) => `${name}=${value}`));
    }
    expect(found).toEqual(names.map((name) => `${name}=value of ${name}`));
  });

  it('returns one parameter, and ParameterNotFound if there is none', async () => {
    const client = new SSMClient(config());
    const { Parameter: parameter } = await client.send(new GetParameterCommand({ Name: '/app/other' }));
    expect(parameter).toMatchObject({ Name: '/app/other', Value: 'x' });
    await expect(client.send(new GetParameterCommand({ Name: '/none' }))).rejects.toThrow(ParameterNotFound);
  });
});

describe('Secrets Manager', () => {
  it.each([
    ['name', 'app/default'],
    ['ARN', 'arn:aws:secretsmanager:us-east-1:000000000000:secret:app/default'],
  ])('gets a secret by %s', async (_by, id) => {
    secrets['app/default'] = '{"token":"t"}';
    const answer = await new SecretsManagerClient(config()).send(new GetSecretValueCommand({ SecretId: id }));
    expect(answer.SecretString).toBe('{"token":"t"}');
  });

  it('answers ResourceNotFoundException if there is no secret', async () => {
    const missing = new SecretsManagerClient(config()).send(
      new GetSecretValueCommand({ SecretId: 'toString' }),
    );
    await expect(missing).rejects.toThrow(ResourceNotFoundException);
  });
});

describe('EventBridge', () => {
  const entry = (detail: string) => ({ Source: 'qure-dropoff', DetailType: 'Series Done', Detail: detail });
  const put = (...details: string[]) =>
    new EventBridgeClient(config()).send(new PutEventsCommand({ Entries: details.map(entry) }));

  it('delivers every event in the format of EventBridge', async () => {
    const answer = await put('{"state":"DONE"}');
    expect(answer.FailedEntryCount).toBe(0);
    expect(answer.Entries).toEqual([{ EventId: events[0]?.id }]);
    expect(events).toMatchObject([
      {
        source: 'qure-dropoff',
        'detail-type': 'Series Done',
        detail: { state: 'DONE' },
        eventBusName: 'default',
      },
    ]);
  });

  it('refuses only the invalid entry of a call', async () => {
    const answer = await put('{', '{}');
    expect(answer.FailedEntryCount).toBe(1);
    expect(answer.Entries).toMatchObject([{ ErrorCode: 'MalformedDetail' }, { EventId: events[0]?.id }]);
  });

  it('fails as a whole when the events cannot be kept', async () => {
    isDiskFull = true;
    await expect(put('{}')).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  });
});
