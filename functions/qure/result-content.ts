import { asObject, field, type JsonObject } from './answer-body.ts';

/** What stands in a result and says nothing of the scan. */
const NO_CONTENT = ['files', 'qure_model_version', 'reporting_params', 'triage_status', 'usecase'];
/** A report is a few levels deep. */
const MAX_DEPTH = 8;

/** Members that only the format for a token configured as `{client: CXRAPI}` has at its top. */
const LEGACY_MEMBERS = ['files', 'tags', 'raw', 'integrity', 'patient'];

/** Whether a result says anything of the scan: a report, a score, a decision. `{}` and empty lists do not. */
export function hasContent(body: JsonObject, result: JsonObject): boolean {
  const said = Object.entries(result).filter(([name]) => !NO_CONTENT.includes(name));
  // Older pages of Qure put the report beside the result.
  return [...said.map(([, value]) => value), field(body, 'report')].some((value) => isSaid(value, 0));
}

/** Qure's older format: everything at the top, and no `result`. */
export function isLegacyFormat(body: JsonObject | undefined): boolean {
  return (
    body !== undefined &&
    !Object.hasOwn(body, 'result') &&
    LEGACY_MEMBERS.some((name) => Object.hasOwn(body, name))
  );
}

function isSaid(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.trim() !== '';
  if (typeof value === 'number' || typeof value === 'boolean') return true;
  if (depth === MAX_DEPTH) return false;
  const parts = Array.isArray(value) ? value : Object.values(asObject(value) ?? {});
  return parts.some((part) => isSaid(part, depth + 1));
}
