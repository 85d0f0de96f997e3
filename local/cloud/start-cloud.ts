import { join } from 'node:path';
import { type ObjectCreated, startS3Server } from '@qure-dropoff/s3-files';
import { DROPS_OF_PAGE, RESULTS_FOR_PAGE } from '../../functions/shared/browser-access.ts';
import { CleanUp } from './clean-up.ts';
import { startControlPlane } from './control-plane.ts';
import { LOCK_WAIT_MS, lockDataDir } from './data-dir-lock.ts';
import { type ClientConfig, clientConfig, type Endpoints } from './endpoints.ts';
import { type BusEvent, EventLog } from './event-log.ts';
import type { LocalCipher } from './local-cipher.ts';
import { type LocalQueues, startQueues } from './queues/local-queues.ts';
import type { QueueCounts } from './queues/message.ts';
import { type FunctionOptions, runFunctions } from './run-functions.ts';
import { isWanted, notificationBody } from './s3-notification.ts';
import type { BucketResource } from './stack.ts';
import { startTables } from './table.ts';
import { readStack } from './template.ts';

export const DROP_BUCKET = 'qure-dropoff-drop';
export const RESULTS_BUCKET = 'qure-dropoff-results';

/** How long running invocations may continue when the cloud is stopped. */
const DEFAULT_GRACE_MS = 3_000;

export interface StartCloudOptions extends FunctionOptions {
  /** `<Stack>.template.json` with the outputs DropBucketName and ResultsBucketName. */
  templatePath: string;
  /** 0 for any free port. */
  s3Port: number;
  /** Names and values of SSM parameters, instead of those of the template; called at every request. */
  parameters?(): Readonly<Record<string, string>>;
  /** Names and texts of secrets, instead of those of the template; called at every request. */
  secrets?(): Readonly<Record<string, string>>;
  /** Encrypts and decrypts as the key of the template does. @default there is no key */
  cipher?: LocalCipher;
  /** Pages that may use presigned links, as in the cloud the page of the deployment may. @default none */
  pageOrigins?(): readonly string[];
  /**
   * The message group of an S3 event, which makes its queue fair among sources. S3 itself gives none.
   * @default none
   */
  groupOfKey?(key: string): string | undefined;
  /** Each event put on a bus, after it is in `<dataDir>/events.jsonl`. */
  onEvent?(event: BusEvent): void;
  /**
   * Returns the address of a service for clients, for example of a proxy with which tests break connections.
   * @default the service itself
   */
  through?(service: ProxiedService, url: string): Promise<string>;
}

/** A service that may have a proxy. */
export type ProxiedService = 's3' | 'sqs' | 'dynamodb';

export interface LocalCloud {
  endpoints: Endpoints;
  buckets: { drop: string; results: string };
  /** Local names of the template's outputs. */
  outputs: Readonly<Record<string, string>>;
  clientConfig(service: keyof Endpoints): ClientConfig;
  /** From now on messages and schedules are handled. Before it, what an earlier run has left can be put in order. */
  begin(): void;
  /**
   * Calls the one function whose name contains `nameFragment` (case and dashes do not matter).
   * @throws FunctionError when it fails; Error when no or several functions match.
   */
  invoke(nameFragment: string, payload: unknown): Promise<unknown>;
  /** Process ids of the function's running processes. */
  pids(nameFragment: string): number[];
  /** By queue name, exact at this moment. */
  queueCounts(): Record<string, QueueCounts>;
  /** Stops everything; work that does not end within `graceMs` continues at the next start. */
  stop(graceMs?: number): Promise<void>;
}

/**
 * Runs a synthesized template on this machine. Objects are taken, and functions answer; messages wait for `begin`.
 * @throws DataDirInUseError, TemplateError, or the system's error if a port is not available.
 */
export async function startCloud(options: StartCloudOptions): Promise<LocalCloud> {
  const { dataDir } = options;
  const cleanUp = new CleanUp();
  try {
    cleanUp.add(await lockDataDir(dataDir, LOCK_WAIT_MS));
    const events = new EventLog(join(dataDir, 'events.jsonl'));
    cleanUp.add(() => events.close());
    const queues = await startQueues({ dataDir: join(dataDir, 'queues') });
    cleanUp.add(() => queues.close());
    const through = options.through ?? (async (_service: ProxiedService, url: string) => url);
    // The functions' SQS clients may use the host of a queue's URL, so the URLs must contain the proxy too.
    const sqsUrl = await through('sqs', queues.url);
    const stack = readStack({
      templatePath: options.templatePath,
      sqsUrl,
      namesByOutput: { DropBucketName: DROP_BUCKET, ResultsBucketName: RESULTS_BUCKET },
    });
    queues.apply(stack.queues);
    const tables = await startTables({ dataDir: join(dataDir, 'table') });
    cleanUp.add(() => tables.close());
    await tables.apply(stack.tables);
    const control = await startControlPlane({
      parameters: () => options.parameters?.() ?? stack.parameters,
      secrets: () => options.secrets?.() ?? stack.secrets,
      ...(options.cipher && { cipher: options.cipher }),
      onEvents(batch) {
        events.append(batch);
        for (const event of batch) options.onEvent?.(event);
      },
    });
    cleanUp.add(() => control.close());
    const s3 = await startS3Server({
      dataDir: join(dataDir, 's3'),
      port: options.s3Port,
      buckets: stack.buckets.map(({ name }) => name),
      notifyBuckets: stack.buckets
        .filter(({ notifications }) => notifications.length > 0)
        .map(({ name }) => name),
      notify: notifier(stack.buckets, queues.send, options.groupOfKey),
      cors: {
        origins: options.pageOrigins ?? (() => []),
        rules: { [DROP_BUCKET]: DROPS_OF_PAGE, [RESULTS_BUCKET]: RESULTS_FOR_PAGE },
      },
    });
    cleanUp.add(() => s3.close());

    const endpoints: Endpoints = {
      s3: await through('s3', s3.url),
      sqs: sqsUrl,
      dynamodb: await through('dynamodb', tables.url),
      eventBridge: control.url,
      ssm: control.url,
      secretsManager: control.url,
      kms: control.url,
    };
    const functions = runFunctions({ ...options, stack, endpoints, queues });
    let stopped: Promise<void> | undefined;
    return {
      endpoints,
      buckets: { drop: DROP_BUCKET, results: RESULTS_BUCKET },
      outputs: stack.outputs,
      clientConfig: (service) => clientConfig(endpoints, service),
      begin: () => functions.begin(),
      invoke: (nameFragment, payload) => functions.invoke(nameFragment, payload),
      pids: (nameFragment) => functions.pids(nameFragment),
      queueCounts: () => queues.counts(),
      stop(graceMs = DEFAULT_GRACE_MS) {
        stopped ??= functions.stop(graceMs).finally(() => cleanUp.run());
        return stopped;
      },
    };
  } catch (error) {
    await cleanUp.run();
    throw error;
  }
}

/** S3 keeps an event in its journal until this resolves. The event is then on disk in every subscribed queue. */
function notifier(
  buckets: readonly BucketResource[],
  send: LocalQueues['send'],
  groupOfKey: StartCloudOptions['groupOfKey'],
) {
  const byName = new Map(buckets.map((bucket) => [bucket.name, bucket]));
  return async (event: ObjectCreated): Promise<void> => {
    const bucket = byName.get(event.bucket);
    const wanted = bucket?.notifications.filter((notification) => isWanted(notification, event)) ?? [];
    const body = notificationBody(event, bucket?.logicalId ?? '');
    const group = groupOfKey?.(event.key);
    await Promise.all(wanted.map(({ queueArn }) => send(queueArn, body, group)));
  };
}
