import type { Mutation } from '../mutation.ts';

/** Patients, where the deployment shows them. */
export const PATIENT_MUTATIONS: readonly Mutation[] = [
  {
    name: 'patient-failure-stops-ingest',
    says: 'No scan waits for the name of its patient.',
    file: 'functions/ingest/keep-patients.ts',
    find: `        isDown = true;`,
    replace: `        if (!isDown) throw error;`,
  },
  {
    name: 'patient-not-kept-in-silence',
    says: 'A patient that could not be kept is counted.',
    file: 'functions/ingest/keep-patients.ts',
    find: `meter('PatientsNotKept', 1, { source });`,
    replace: ``,
  },
  {
    name: 'patient-kept-in-the-clear',
    says: 'The text of a patient is in the table only encrypted.',
    file: 'functions/ingest/keep-patients.ts',
    find: `await patientSealer.seal(id, text)`,
    replace: `Buffer.from(JSON.stringify(text))`,
  },
  {
    name: 'patient-view-not-recorded',
    says: 'Each view of a patient is recorded.',
    file: 'functions/api/patient-route.ts',
    find: `await deps.audit.add({`,
    replace: `void ({`,
  },
  {
    name: 'patient-of-other-instances-shown',
    says: 'Nothing is shown of a series whose instances are of another patient than its row.',
    file: 'functions/api/patient-route.ts',
    find: `if (mixedIdentity([...instances, { studyInstanceUid, patientHash: kept.patientHash }]) !== undefined)`,
    replace: `if (mixedIdentity(instances) !== undefined)`,
    isOnlyOfScenario: true,
  },
];
