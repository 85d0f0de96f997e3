import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
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
import { startControlPlane } from '../../../local/cloud/control-plane.ts';
import type { BusEvent } from '../../../local/cloud/event-log.ts';
import type { JsonServer } from '../../../local/cloud/json-server.ts';

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
