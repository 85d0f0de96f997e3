import type { Action } from '../../functions/series/audit.ts';
import type { Series } from '../../functions/series/series.ts';
import { BrokenInvariantError } from './broken-invariant.ts';
import { sourceOf } from './drops.ts';
import { type Evidence, seriesRows } from './invariants.ts';
import { hasHappened } from './result-invariants.ts';
import { OTHER_PATIENT, PATIENT_ID_WORD, PATIENT_WORD, patientIdOf, seriesUidOf } from './scans.ts';
import type { ApiAnswer } from './stages.ts';
import type { SimulatedWorld } from './world.ts';
import { sourceName } from './world-names.ts';

/** What was shown to people, by the key of its series row. */
type Shown = Map<string, number>;

/**
 * People who look at patients while everything goes wrong. No view shows the patient of another series, each was recorded before
 * it was decrypted, and no text of a patient is in the table.
 */
export class PatientViews {
  readonly #world: SimulatedWorld;
  readonly #shown: Shown = new Map();
  #isOtherShown = false;

  constructor(world: SimulatedWorld) {
    this.#world = world;
  }

  plan(): void {
    const { scenario } = this.#world;
    if (scenario.patients === undefined) return;
    for (const [number, { kind, source, startsAtSeconds }] of scenario.series.entries()) {
      const id = {
        source: sourceName(sourceOf(scenario, source)),
        seriesInstanceUid: seriesUidOf(kind, number),
      };
      this.#world.planFromOutside(startsAtSeconds + scenario.patients.viewAfterSeconds, () => {
        void this.#view(id, hasHappened(this.#world, 'mixed_drop'));
      });
    }
  }

  /** Once all is well. */
  async expectShown({ deletedFrom }: Pick<Evidence, 'deletedFrom'>): Promise<void> {
    const world = this.#world;
    if (world.scenario.patients === undefined) return;
    const isTakenAway = (row: Series) => deletedFrom.has(row.seriesInstanceUid);
    const views = seriesRows(world).map(async (row) => ({
      row,
      status: await this.#view(row, isTakenAway(row)),
    }));
    await world.scheduler.run(() => world.stages.isIdle());
    for (const { row, status } of await Promise.all(views))
      if (status !== 200 && !isTakenAway(row)) this.#expectReason(row, status);
    if (this.#isOtherShown) broken('12: the patient of another series was shown');
    this.#expectRecorded();
    expectSealed(world);
  }

  async #view(id: Pick<Series, 'source' | 'seriesInstanceUid'>, mayBeOther: boolean): Promise<number> {
    const path = `/v1/series/${id.seriesInstanceUid}/patient`;
    const answer = await this.#world.stages.callApi('POST', path, {}, { source: id.source });
    const status = statusOf(answer);
    if (status !== 200 || answer.kind !== 'answered') return status;
    const rowKey = `${id.source}#${id.seriesInstanceUid} SERIES`;
    this.#shown.set(rowKey, (this.#shown.get(rowKey) ?? 0) + 1);
    const { patientName, patientId } = JSON.parse(answer.result.body ?? '') as Record<string, string>;
    const own = patientIdOf(numberOf(id.seriesInstanceUid));
    const isOwn = patientId === own || (mayBeOther && patientId === OTHER_PATIENT);
    if (!isOwn || patientName !== PATIENT_WORD) this.#isOtherShown = true;
    return status;
  }

  /** Why nothing is shown though all is well. */
  #expectReason({ source }: Series, status: number): void {
    const world = this.#world;
    const isCounted = world.metrics.some(
      ({ name, dimensions }) => name === 'PatientsNotKept' && dimensions.source === source,
    );
    const isDisabled = world.scenario.patients?.keyDisabledAtSeconds !== undefined;
    const isMixed = hasHappened(world, 'mixed_drop');
    const isExpected =
      (status === 404 && isCounted) || (status === 409 && (isDisabled || isMixed || isCounted));
    if (!isExpected) broken(`12: a patient was not kept, and nothing says so (${status})`);
  }

  #expectRecorded(): void {
    const rows = [...this.#world.rows].filter(
      ([, row]) => (row['action'] as Action | undefined)?.kind === 'view_patient',
    );
    for (const [rowKey, times] of this.#shown) {
      const prefix = rowKey.replace(/SERIES$/, 'A#');
      const recorded = rows.filter(([key]) => key.startsWith(prefix));
      if (recorded.length < times) broken('12: a patient was shown, and the view was not recorded');
    }
  }
}

function expectSealed({ rows }: SimulatedWorld): void {
  for (const row of rows.values()) {
    const sealed = Buffer.from((row['sealed'] as Uint8Array | undefined) ?? []);
    if (sealed.includes(PATIENT_ID_WORD) || JSON.stringify(row).includes(PATIENT_ID_WORD))
      broken('12: a PatientID stands in the table');
  }
}

function statusOf(answer: ApiAnswer): number {
  return answer.kind === 'answered' ? (answer.result.statusCode ?? 0) : 0;
}

function numberOf(seriesInstanceUid: string): string {
  return seriesInstanceUid.slice(seriesInstanceUid.lastIndexOf('.') + 1);
}

function broken(message: string): never {
  throw new BrokenInvariantError(message);
}
