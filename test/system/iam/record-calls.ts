import type { WireRequest } from '../../services/wire.ts';
import { environmentOf } from '../../simulation/stages.ts';
import type { SimulatedWorld } from '../../simulation/world.ts';
import { type Need, needsOf, type RecordedCall } from './call-permissions.ts';

export type WorldEnvironment = ReturnType<typeof environmentOf>;

export interface RecordedNeed extends Need {
  /** As `infra/function-names.ts` has it. */
  functionName: string;
}

/** What the functions need of their roles, by all calls that they have made so far. */
export class Recording {
  /** What the functions are told in the recorded worlds; the same in each. */
  environment: WorldEnvironment | undefined;
  readonly #needs = new Map<string, RecordedNeed>();
  /** Calls that need nothing else than one before them. */
  readonly #seen = new Set<string>();

  get needs(): RecordedNeed[] {
    return [...this.#needs.values()];
  }

  /** Has each call taken down that a function of this world makes. */
  readonly watch = (world: SimulatedWorld): void => {
    this.environment = environmentOf(world);
    world.observe = (stage, request) => this.observed(stage, request);
  };

  /** The same request, whose call and refusal are taken down. */
  observed<T>(functionName: string, request: WireRequest<T>): WireRequest<T> {
    const { service, operation } = request;
    const input = request.input as RecordedCall['input'];
    const add = (isMissing: boolean) => this.#add({ functionName, service, operation, input, isMissing });
    add(false);
    return {
      ...request,
      execute: () => {
        try {
          return request.execute();
        } catch (error) {
          if (error instanceof Error && MISSING.has(error.name)) add(true);
          throw error;
        }
      },
    };
  }

  #add(call: RecordedCall): void {
    const id = likenessOf(call);
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    for (const need of needsOf(call))
      this.#needs.set(JSON.stringify([call.functionName, need]), {
        ...need,
        functionName: call.functionName,
      });
  }
}

/** The same for calls that need the same. Of thousands of keys one for each two first folders: policies may tell those apart. */
function likenessOf({ functionName, service, operation, input, isMissing }: RecordedCall): string {
  const { Key, Prefix, VersionId, RequestItems, Entries, ...names } = input;
  const { TableName, IndexName, Bucket, QueueUrl, Path, SecretId } = names;
  const folders = [Key, Prefix].map((text) => String(text ?? '').split('/', 2));
  const tables = Object.keys((RequestItems as object | undefined) ?? {});
  const kinds = service === 'events' ? kindsOf(Entries) : [];
  const isVersion = VersionId !== undefined;
  const target = { TableName, IndexName, Bucket, QueueUrl, Path, SecretId, folders, tables, kinds };
  return JSON.stringify([functionName, service, operation, target, isVersion, isMissing]);
}

function kindsOf(entries: unknown): string[] {
  const found = (entries as { Source?: string; DetailType?: string; EventBusName?: string }[]).map(
    ({ Source, DetailType, EventBusName }) => `${EventBusName} ${Source} ${DetailType}`,
  );
  return [...new Set(found)].toSorted();
}

/** What S3 says of an object that is not there, and of one whose name alone is asked for. */
const MISSING = new Set(['NoSuchKey', 'NotFound', 'NoSuchVersion']);
