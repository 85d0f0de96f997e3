/** What a run must not do; the message names the invariant of docs/simulation.md. */
export class BrokenInvariantError extends Error {
  override name = 'BrokenInvariantError';
}
