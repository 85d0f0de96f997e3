/** An answer of RFC 9457 (Problem Details for HTTP APIs). */
export interface HttpProblem {
  status: number;
  title: string;
  /** What was expected, what was received, what to do. */
  detail: string;
  headers?: Record<string, string>;
}

export const PROBLEM_TYPE = 'application/problem+json';

export function problemBody({ status, title, detail }: HttpProblem): string {
  return JSON.stringify({ type: 'about:blank', title, status, detail });
}
