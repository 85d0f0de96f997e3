/** Whether a deployment keeps and shows names and IDs of patients. Imports nothing: `infra/` and the command line import it. */
export const PHI = ['hide', 'show'] as const;
export type Phi = (typeof PHI)[number];
