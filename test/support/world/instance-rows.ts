import type { Instance } from '../../../functions/core/instance.ts';
import type {
  InstanceId,
  InstanceResult,
  InstanceResultStore,
  InstanceStore,
  UploadMark,
  UploadMarkStore,
} from '../../../functions/core/ports.ts';
import type { SeriesId } from '../../../functions/core/series.ts';
import { pkOf } from './series-store.ts';
import { expectDistinct, storedCopy } from './stored-copy.ts';

/** Instance rows, in the order of their SOPInstanceUIDs like the sort key. */
export class InstanceRows implements InstanceStore {
  readonly #rows = new Map<string, Instance>();

  all(): Instance[] {
    return storedCopy([...this.#rows.values()]);
  }

  async find(ids: readonly InstanceId[]): Promise<Instance[]> {
    expectDistinct(ids.map(rowKey));
    return ids.flatMap((id) => storedCopy(this.#rows.get(rowKey(id)) ?? []));
  }

  async put(instances: readonly Instance[]): Promise<void> {
    expectDistinct(instances.map(rowKey));
    for (const instance of instances) this.#rows.set(rowKey(instance), storedCopy(instance));
  }

  async ofSeries(id: SeriesId): Promise<Instance[]> {
    return this.all()
      .filter((row) => pkOf(row) === pkOf(id))
      .sort((a, b) => (a.sopInstanceUid < b.sopInstanceUid ? -1 : 1));
  }

  async count(id: SeriesId): Promise<number> {
    return (await this.ofSeries(id)).length;
  }

  remove(id: InstanceId): void {
    this.#rows.delete(rowKey(id));
  }
}

/** Upload marks: the same files marked twice make one row. */
export class UploadMarkRows implements UploadMarkStore {
  readonly #rows = new Map<string, UploadMark>();

  async add(id: SeriesId, round: number, mark: UploadMark): Promise<void> {
    this.#rows.set(
      `${pkOf(id)}#${round}#${JSON.stringify([mark.registered, mark.replacing])}`,
      storedCopy(mark),
    );
  }

  async of(id: SeriesId, round: number): Promise<UploadMark[]> {
    return storedCopy(below(this.#rows, `${pkOf(id)}#${round}#`));
  }
}

export class InstanceResultRows implements InstanceResultStore {
  readonly #rows = new Map<string, InstanceResult>();

  async put(id: SeriesId, generation: number, result: InstanceResult): Promise<void> {
    this.#rows.set(`${pkOf(id)}#${generation}#${result.sopInstanceUid}`, storedCopy(result));
  }

  async of(id: SeriesId, generation: number): Promise<InstanceResult[]> {
    return storedCopy(below(this.#rows, `${pkOf(id)}#${generation}#`));
  }

  async before(id: SeriesId, generation: number) {
    const last = new Map<string, InstanceResult & { generation: number }>();
    for (let one = 1; one < generation; one += 1) {
      for (const result of await this.of(id, one))
        last.set(result.sopInstanceUid, { ...result, generation: one });
    }
    return last;
  }
}

function rowKey(id: InstanceId): string {
  return `${pkOf(id)}#${id.sopInstanceUid}`;
}

function below<T>(rows: ReadonlyMap<string, T>, prefix: string): T[] {
  return [...rows].filter(([key]) => key.startsWith(prefix)).map(([, row]) => row);
}
