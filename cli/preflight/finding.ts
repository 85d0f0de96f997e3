/** One line of `qure-dropoff preflight` and `doctor`. */
export interface Finding {
  /** A stable name, for scripts. */
  check: string;
  level: 'ok' | 'warning' | 'problem';
  detail: string;
  /** What to do; of every warning and problem. */
  fix?: string;
}

export function ok(check: string, detail: string): Finding {
  return { check, level: 'ok', detail };
}

export function warning(check: string, detail: string, fix: string): Finding {
  return { check, level: 'warning', detail, fix };
}

export function problem(check: string, detail: string, fix: string): Finding {
  return { check, level: 'problem', detail, fix };
}
