import { parseDeadLetterQueues } from '../../../functions/recovery/dead-letters/dead-letter.ts';
import { ENV } from '../../../functions/shared/environment.ts';
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from '../../../local/cloud/intrinsics.ts';
import type { Target } from './call-permissions.ts';
import type { WorldEnvironment } from './record-calls.ts';
import { type DeployedFunction, type DeployedTemplate, secretArn } from './template-roles.ts';

/**
 * From the names of the simulated world to those of the template: both tell a function the same things by the same variables.
 * What a call names and the template does not tell its function is an error.
 */
export class NameMap {
  readonly #fn: DeployedFunction;
  readonly #template: DeployedTemplate;
  /** Name in the world → name in the template. */
  readonly #names = new Map<string, string>();

  constructor(world: WorldEnvironment, fn: DeployedFunction, template: DeployedTemplate) {
    this.#fn = fn;
    this.#template = template;
    for (const [key, variable] of Object.entries(ENV)) {
      const name: unknown = (world as Record<string, unknown>)[key];
      const deployed = fn.environment[variable];
      if (typeof name !== 'string' || deployed === undefined) continue;
      if (variable === ENV.deadLetterQueues) this.#addDeadLetters(name, deployed);
      else this.#names.set(name, deployed);
    }
  }

  /** @throws Error for what the function is not told of */
  arnOf(target: Target): string {
    const at = `${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}`;
    switch (target.kind) {
      case 'table': {
        const table = `arn:aws:dynamodb:${at}:table/${this.#named(target.name)}`;
        return target.index === undefined ? table : `${table}/index/${target.index}`;
      }
      case 'bucket': {
        const bucket = `arn:aws:s3:::${this.#named(target.name)}`;
        return target.key === undefined ? bucket : `${bucket}/${target.key}`;
      }
      case 'queue':
        return `arn:aws:sqs:${at}:${this.#named(target.url).split('/').at(-1)}`;
      case 'eventBus':
        return `arn:aws:events:${at}:event-bus/${this.#named(target.name)}`;
      case 'parameters': {
        // IAM judges by the path as it is asked for: with its slash, where there is one.
        const path = this.#named(target.path.replace(/\/?$/, '/'));
        return `arn:aws:ssm:${at}:parameter${target.path.endsWith('/') ? path : path.slice(0, -1)}`;
      }
      case 'secret':
        return secretArn(this.#names.get(target.name) ?? this.#below(target.name));
      case 'keyOf': {
        const thing = this.arnOf(target.thing);
        const key = this.#template.keyOf(thing);
        if (key === undefined) throw new Error(`expected a key of ours on ${thing}`);
        return key;
      }
      default:
        return target satisfies never;
    }
  }

  contextOf(target: Target): Record<string, string> {
    if (target.kind !== 'keyOf') return {};
    const [bucket = ''] = this.arnOf(target.thing).split('/');
    return {
      'kms:ViaService': `${target.service}.${LOCAL_REGION}.amazonaws.com`,
      // Under an S3 Bucket Key the context is the bucket, not the object.
      ...(target.service === 's3' && { 'kms:EncryptionContext:aws:s3:arn': bucket }),
    };
  }

  #named(name: string): string {
    const found = this.#names.get(name);
    if (found === undefined)
      throw new Error(`${this.#fn.name} calls something named ${name}: expected a variable that tells it so`);
    return found;
  }

  /** `<prefix><source>`. */
  #below(name: string): string {
    const [prefix, deployed] =
      [...this.#names].find(([begin]) => begin.endsWith('/') && name.startsWith(begin)) ?? [];
    if (prefix === undefined || deployed === undefined)
      throw new Error(`${this.#fn.name} asks for ${name}: expected a variable with its prefix`);
    return deployed + name.slice(prefix.length);
  }

  #addDeadLetters(world: string, deployed: string): void {
    const own = parseDeadLetterQueues(deployed);
    for (const queue of parseDeadLetterQueues(world)) {
      const same = own.find(({ stage }) => stage === queue.stage);
      if (same === undefined) continue;
      this.#names.set(queue.queueUrl, same.queueUrl);
      this.#names.set(queue.deadLetterUrl, same.deadLetterUrl);
    }
  }
}
