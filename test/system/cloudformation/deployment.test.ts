import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateStackCommand, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { Upload } from '@aws-sdk/lib-storage';
import { type QureSimulator, startQureSimulator } from '@qure-dropoff/qure-simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MotoServer, startMoto, whyNoMoto } from '../../support/moto-server.ts';
import { headSlice } from '../../support/pipeline.ts';
import { until } from '../../support/until.ts';
import { putNotifications, putPatientKey, putSecret } from './after-deployment.ts';
import { CdkCommand, STACK_NAME, synthesizeFor } from './cdk-command.ts';
import { type Clients, createClients, type DeployedStack, readDeployedStack } from './deployed-stack.ts';
import {
  adaptToMoto,
  BROKEN_PROPERTIES,
  DEPENDENT_TYPES,
  readTemplate,
  type Template,
  UNKNOWN_TYPES,
} from './emulated-template.ts';
import { type RunningFunctions, runFunctions } from './running-functions.ts';
import { type SeenEvents, watchEvents } from './seen-events.ts';

const why = whyNoMoto();
if (why !== undefined) console.warn(`skipped: test/system/cloudformation: ${why}`);

const QURE = { token: 'good-token', source: 'workspace' };
/** Silence decides nothing: a marker with a count does, however long the machine takes. */
const NORTH = { quietPeriodSeconds: 86_400, pollIntervalSeconds: 1 };
/** A multipart upload has parts of 5 MiB, all but the last. */
const LARGE_BYTES = 6 * 1024 * 1024;
/** On a machine that has other things to do. */
const PATIENCE_MS = 200_000;

describe.skipIf(why !== undefined)('the stack in an emulated account', { timeout: 300_000 }, () => {
  let dir: string;
  let moto: MotoServer;
  let qure: QureSimulator;
  let cdk: CdkCommand;
  let clients: Clients;
  let synthesized: Template;
  let adapted: Template;
  let upgrade: string;
  let deployed: DeployedStack;
  let running: RunningFunctions;
  let events: SeenEvents;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'cloudformation-'));
    [moto, qure] = await Promise.all([startMoto(), startQureSimulator({ ...QURE, computeDelayMs: 300 })]);
    cdk = new CdkCommand(moto.url, dir);
    clients = createClients(moto.url);
    const [first, second] = await Promise.all([
      synthesizeFor({ north: NORTH }, dir, 'first'),
      synthesizeFor({ north: NORTH, south: NORTH }, dir, 'second'),
      cdk.bootstrap(),
    ]);
    upgrade = second;
    synthesized = readTemplate(templateOf(first));
    adapted = adaptToMoto(templateOf(first));
    await cdk.deploy(first);
    deployed = await readDeployedStack(clients, adapted, join(dir, 'code'));
    await putSecret(clients, deployed, 'north', { baseUrl: qure.baseUrl, ...QURE });
    await putPatientKey(clients, deployed);
    await putNotifications(clients, synthesized, deployed);
    events = await watchEvents(clients, moto.url);
    running = runFunctions(deployed, clients.sqs, moto.url);
  }, 300_000);

  afterAll(async () => {
    await running?.stop();
    await Promise.all([moto?.stop(), qure?.close()]);
    rmSync(dir, { recursive: true, force: true });
  });

  it('creates every resource of the template, except the types that the emulator lacks', () => {
    const missing = Object.entries(synthesized.Resources).filter(([id]) => !deployed.resources.has(id));
    const types = new Set(missing.map(([, { Type }]) => Type));
    expect([...types].toSorted()).toEqual(
      [...Object.keys(UNKNOWN_TYPES), ...Object.keys(DEPENDENT_TYPES)].toSorted(),
    );
    expect(Object.keys(adapted.Resources).toSorted()).toEqual([...deployed.resources.keys()].toSorted());
  });

  it.each(Object.keys(UNKNOWN_TYPES))('still lacks the type %s in the emulator', async (type) => {
    const [resource] = Object.values(synthesized.Resources).filter(({ Type }) => Type === type);
    // A type that the template no longer has needs no place in the table either.
    expect(resource).toBeDefined();
    expect(await isCreated(withoutReferences(resource))).toBe(false);
  });

  it.each(BROKEN_PROPERTIES)('still fails in the emulator: $type with $property', async ({ type }) => {
    const [resource] = Object.values(synthesized.Resources).filter(({ Type }) => Type === type);
    expect(resource?.Properties).toHaveProperty('Tags');
    expect(await isCreated(withoutReferences(resource))).toBe(false);
  });

  it('sets the resolved environment variables of each function', () => {
    expect(deployed.functions.length).toBeGreaterThan(0);
    for (const { logicalId, environment } of deployed.functions) {
      const stated = synthesized.Resources[logicalId]?.Properties?.['Environment'];
      const { Variables } = stated as { Variables: object };
      expect(Object.keys(environment).toSorted()).toEqual(Object.keys(Variables).toSorted());
      for (const value of Object.values(environment))
        expect(value).not.toMatch(/^$|undefined|None|\$\{|Fn::/);
    }
  });

  it('computes a dropped series whose objects were put whole and in parts', async () => {
    const uid = '1.2.84.900.1';
    await put(`north/${uid}/1`, headSlice(uid, 1));
    await upload(`north/${uid}/with blank+plus/2`, headSlice(uid, 2, { pixels: LARGE_BYTES }));
    await put(`north/${uid}/3`, headSlice(uid, 3));
    await put(`north/${uid}/_COMPLETE`, JSON.stringify({ series: { [uid]: 3 } }));
    await until(
      'the event of the result',
      async () => (await events.of(uid)).includes('Series Done') || undefined,
      PATIENCE_MS,
    );
    expect(await events.of(uid)).toEqual(['Series Complete', 'Series Computing', 'Series Done']);
    expect(qure.series.get(uid)?.instances.size).toBe(3);
    const folder = `north/${uid}.0/${uid}/1/`;
    const keys = await resultKeysOf(folder);
    expect(keys).toEqual(
      expect.arrayContaining([`${folder}compute.json`, expect.stringContaining(`${folder}files/`)]),
    );
    expect(JSON.parse(await textOf(`${folder}result.json`))).toMatchObject({ success: true });
  });

  it('quarantines an object that is not a scan, and announces it', async () => {
    await put('north/readme.txt', 'no scan at all');
    const answer = await until('the quarantined object in the API', async () => {
      const { body } = await callApi('/v1/quarantine');
      return body.includes('north/readme.txt') ? body : undefined;
    });
    expect(JSON.parse(answer)).toMatchObject({ items: [{ source: 'north' }] });
  });

  it('answers requests for the series by the API function', async () => {
    const { statusCode, body } = await callApi('/v1/series/1.2.84.900.1', 'source=north');
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ state: 'DONE', instances: 3 });
  });

  it('runs the scheduled functions with the input of their schedules', async () => {
    const answers = await running.runSchedules();
    expect(answers).toEqual([{ pages: expect.any(Number), isComplete: true }, { moved: 0 }]);
  });

  it('keeps all data in an upgrade that adds a source', async () => {
    const before = deployed;
    const { log, problems } = running;
    await running.stop();
    const template = adaptToMoto(templateOf(upgrade));
    await cdk.deploy(upgrade);
    deployed = await readDeployedStack(clients, template, join(dir, 'code-of-upgrade'));
    await putSecret(clients, deployed, 'south', { baseUrl: qure.baseUrl, ...QURE });
    running = runFunctions(deployed, clients.sqs, moto.url, { log, problems });
    const kept = [...before.resources];
    expect(kept.map(([id]) => [id, deployed.resources.get(id)])).toEqual(kept);
    const added = [...deployed.resources.keys()].filter((id) => !before.resources.has(id));
    expect(added.map((id) => template.Resources[id]?.Type)).toEqual(['AWS::SSM::Parameter']);

    const uid = '1.2.84.900.2';
    await put(`south/${uid}/1`, headSlice(uid, 1));
    await put(`south/${uid}/_COMPLETE`, JSON.stringify({ series: { [uid]: 1 } }));
    await until(
      'the result of the new source',
      async () => (await events.of(uid)).includes('Series Done') || undefined,
      PATIENCE_MS,
    );
    expect(JSON.parse((await callApi('/v1/series/1.2.84.900.1', 'source=north')).body).state).toBe('DONE');
  });

  it('leaves no message in a dead-letter queue, and logs no error', async () => {
    const deadLetters = [...deployed.resources].filter(([id]) => id.includes('DeadLetters'));
    expect(deadLetters.length).toBeGreaterThan(0);
    for (const [id, url] of deadLetters) {
      const { Attributes } = await clients.sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: moto.url + new URL(url).pathname,
          AttributeNames: ['ApproximateNumberOfMessages'],
        }),
      );
      expect([id, Attributes?.['ApproximateNumberOfMessages']]).toEqual([id, '0']);
    }
    expect(running.problems).toEqual([]);
    expect(running.log.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  function templateOf(assembly: string): string {
    return join(assembly, `${STACK_NAME}.template.json`);
  }

  /** The physical id of the one resource whose logical id begins so. */
  function nameOf(prefix: string): string {
    const found = [...deployed.resources].filter(([id]) => id.startsWith(prefix));
    if (found.length !== 1) throw new Error(`expected one resource ${prefix}, got ${found.length}`);
    return found[0]?.[1] ?? '';
  }

  async function put(Key: string, Body: Buffer | string): Promise<void> {
    await clients.s3.send(new PutObjectCommand({ Bucket: nameOf('DropoffDropBucket'), Key, Body }));
  }

  async function upload(Key: string, Body: Buffer): Promise<void> {
    await new Upload({
      client: clients.s3,
      params: { Bucket: nameOf('DropoffDropBucket'), Key, Body },
    }).done();
  }

  async function resultKeysOf(Prefix: string): Promise<string[]> {
    const { Contents = [] } = await clients.s3.send(
      new ListObjectsV2Command({ Bucket: nameOf('DropoffResultsBucket'), Prefix }),
    );
    return Contents.map(({ Key = '' }) => Key);
  }

  async function textOf(Key: string): Promise<string> {
    const { Body } = await clients.s3.send(
      new GetObjectCommand({ Bucket: nameOf('DropoffResultsBucket'), Key }),
    );
    return (await Body?.transformToString()) ?? '';
  }

  async function callApi(
    rawPath: string,
    rawQueryString = '',
  ): Promise<{ statusCode: number; body: string }> {
    const answer = await running.invoke('ServeApi', {
      version: '2.0',
      rawPath,
      rawQueryString,
      queryStringParameters: Object.fromEntries(new URLSearchParams(rawQueryString)),
      requestContext: { http: { method: 'GET', path: rawPath } },
    });
    return answer as { statusCode: number; body: string };
  }

  /** Whether the emulator makes something of a resource that stands alone. */
  async function isCreated(resource: unknown): Promise<boolean> {
    probes += 1;
    const StackName = `probe-${probes}`;
    try {
      const TemplateBody = JSON.stringify({ Resources: { Probe: resource } });
      await clients.cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody }));
      const found = await clients.cloudFormation.send(new DescribeStackResourcesCommand({ StackName }));
      return (
        found.StackResources?.some(({ PhysicalResourceId: id }) => id !== undefined && id !== '') ?? false
      );
    } catch {
      return false;
    }
  }
});

let probes = 0;

/** Text in place of each reference, so that a resource can stand alone. */
function withoutReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutReferences);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.some(([key]) => key === 'Ref' || key.startsWith('Fn::'))) return 'probe';
  return Object.fromEntries(
    entries.filter(([key]) => key !== 'DependsOn').map(([key, item]) => [key, withoutReferences(item)]),
  );
}
