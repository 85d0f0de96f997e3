import type { PatientIdentity } from '@qure-dropoff/dicom';
import { contentTagOf } from '../instances/archive-entry.ts';
import type { Instance } from '../instances/instance.ts';
import {
  type PatientSealer,
  type PatientStore,
  patientTextOf,
  textHashOf,
} from '../instances/kept-patient.ts';
import type { HashPatient, LoadPatientHasher } from '../instances/patient-hash.ts';
import { mapConcurrently } from '../shared/concurrency.ts';
import { defined } from '../shared/defined.ts';
import { errorFields, type Log } from '../shared/log.ts';
import type { Meter } from '../shared/metrics.ts';
import { instanceKey, seriesKey } from './compare-with-index.ts';

const SERIES_AT_ONCE = 10;

/** What was read of one file. */
export interface Arrival {
  instance: Instance;
  patient?: PatientIdentity;
}

export interface KeepPatientsDeps {
  patients: PatientStore;
  patientSealer?: PatientSealer;
  loadPatientHasher: LoadPatientHasher;
  log: Log;
  meter: Meter;
}

/**
 * Keeps the patient of each series, encrypted, where the deployment shows patients: one read for a series in a batch, and one
 * encryption where the row is missing or has another text. Never throws: no scan waits for a name. What fails is counted, and is
 * tried again with the next file of the series, also with one that is dropped again.
 */
export async function keepPatients(
  deps: KeepPatientsDeps,
  arrivals: readonly Arrival[],
  { written, known }: { written: readonly Instance[]; known: readonly Instance[] },
): Promise<void> {
  const { patientSealer, log, meter } = deps;
  if (patientSealer === undefined) return;
  const newRows = new Set(written);
  const contents = new Map(known.map((row) => [instanceKey(row), contentTagOf(row.object)]));
  const candidates = arrivals.flatMap((arrival) => {
    const { instance } = arrival;
    const isNew = newRows.has(instance);
    // A file that has been replaced already says nothing of the series any more.
    return isNew || contents.get(instanceKey(instance)) === contentTagOf(instance.object)
      ? [{ ...arrival, isNew }]
      : [];
  });
  // One failure of KMS or the table is likely one of all: each would cost the run seconds.
  let isDown = false;
  const bySeries = Map.groupBy(
    candidates.filter(({ patient }) => patient !== undefined),
    ({ instance }) => seriesKey(instance),
  );
  await mapConcurrently([...bySeries.values()], SERIES_AT_ONCE, async (group) => {
    const first = group.find(({ isNew }) => isNew) ?? group[0];
    if (first === undefined) return;
    const { source, seriesInstanceUid } = first.instance;
    if (!isDown) {
      try {
        return await keepOne({ ...deps, patientSealer, hashPatient: await deps.loadPatientHasher() }, first);
      } catch (error) {
        isDown = true;
        log('error', 'patient could not be kept', { source, seriesInstanceUid, ...errorFields(error) });
      }
    }
    meter('PatientsNotKept', 1, { source });
  });
}

async function keepOne(
  { patients, patientSealer, hashPatient }: KeptDeps,
  { instance, patient, isNew }: Arrival & { isNew: boolean },
): Promise<void> {
  const { source, seriesInstanceUid, patientHash, expiresAt } = instance;
  const text = patient && patientTextOf(patient);
  if (text === undefined || patientHash === undefined) return;
  const id = { source, seriesInstanceUid };
  const textHash = textHashOf(text, hashPatient);
  const kept = await patients.load(id);
  const { keyId } = patientSealer;
  // Of files that were here before, another one may be what the row is of.
  if (kept?.keyId === keyId && (!isNew || kept.textHash === textHash)) return;
  const sealed = await patientSealer.seal(id, text);
  await patients.put(id, { sealed, keyId, patientHash, textHash, ...defined({ expiresAt }) });
}

interface KeptDeps {
  patients: PatientStore;
  patientSealer: PatientSealer;
  hashPatient: HashPatient;
}
