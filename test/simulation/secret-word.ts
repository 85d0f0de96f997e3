/** Part of every token of Qure's; never to be seen outside the secrets. */
export const TOKEN_WORD = 'TokenOfQure';

/** Under which the simulated deployment hashes patients; never to be seen outside its secret either. */
export const PATIENT_KEY = 'PatientKeyOfTheDeployment-0123456789';
