import { mixedIdentity } from '../instances/identity.ts';
import type { InstanceStore } from '../instances/instance.ts';
import { type OpenPatient, type PatientStore, UnreadablePatientError } from '../instances/kept-patient.ts';
import { defined } from '../shared/defined.ts';
import type { Answer } from './answers.ts';
import { ProblemError } from './problem.ts';
import { type Asker, type AuditDeps, newAction } from './record-action.ts';
import type { BodyOf, ParametersOf } from './requests.ts';
import { findOne, type SeriesRouteDeps } from './series-routes.ts';

export interface PatientRouteDeps extends AuditDeps {
  series: SeriesRouteDeps['series'];
  instances: Pick<InstanceStore, 'ofSeries'>;
  patients: Pick<PatientStore, 'load'>;
  /** @default patients are not shown */
  openPatient?: OpenPatient;
}

/**
 * `POST /v1/series/{uid}/patient`. No GET: what is shown is recorded each time, before it is decrypted. Nothing is shown of a series
 * whose instances, and what is kept, are not of one patient.
 */
export async function showPatient(
  deps: PatientRouteDeps,
  { uid, source: wanted }: ParametersOf<'showPatient'>,
  { comment }: BodyOf<'showPatient'>,
  asker: Asker,
): Promise<Answer<'Patient'>> {
  const { openPatient } = deps;
  if (openPatient === undefined)
    throw new ProblemError(
      404,
      'Patients are not shown',
      "this deployment keeps and shows no patients; phi: 'show' changes that (docs/infrastructure.md)",
    );
  const { source, studyInstanceUid, seriesInstanceUid } = await findOne(deps, uid, wanted);
  const id = { source, seriesInstanceUid };
  const kept = await deps.patients.load(id);
  const now = deps.clock().toISOString();
  if (kept === undefined || (kept.expiresAt !== undefined && kept.expiresAt <= now))
    throw new ProblemError(
      404,
      'No patient is kept',
      'the series has none: its files name none, were indexed before patients were kept, or have expired; a file that is dropped again is read again',
    );
  const instances = await deps.instances.ofSeries(id);
  if (mixedIdentity([...instances, { studyInstanceUid, patientHash: kept.patientHash }]) !== undefined)
    throw new ProblemError(
      409,
      'Several patients',
      'the instances of the series are of more than one patient or study: none is shown; see docs/operations.md',
    );
  await deps.audit.add({
    ...newAction(deps, { ...asker, ...defined({ comment }) }, 'view_patient', {}),
    series: id,
  });
  const text = await openPatient(id, kept.sealed).catch((error: unknown) => {
    if (error instanceof UnreadablePatientError)
      throw new ProblemError(
        409,
        'Not readable',
        'the key of patients is disabled, deleted, or another one than before (docs/infrastructure.md)',
      );
    throw error;
  });
  return { ...id, ...text };
}
