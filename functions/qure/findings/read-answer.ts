import { defined } from '../../shared/defined.ts';
import { asObject, field, type JsonObject } from '../answer-body.ts';
import type { TriageStatus } from '../answer-facts.ts';
import { MAX_KEY_LENGTH, MAX_REPORT_TEXTS, MAX_TEXT_LENGTH } from './findings.ts';

/** A finding as an answer states it. */
export interface StatedFinding {
  key: string;
  label?: string;
  present?: boolean;
  score?: number;
  text?: string;
}

/** What one stored answer says. */
export interface StatedAnswer {
  usecase?: string;
  modelVersion?: string;
  triageStatus?: TriageStatus;
  report: string[];
  findings: StatedFinding[];
}

/**
 * Reads a stored answer of Qure's, whichever of the documented shapes it has: qER's maps `decisions` and `scores`, the
 * `findings_list` of X-rays, a report beside `result`, a report that is one text. Says nothing that the answer does not say: a text
 * such as "no effusion" makes no finding absent. Never throws.
 */
export function readAnswer(document: unknown): StatedAnswer {
  const body = asObject(document);
  const result = asObject(field(body, 'result'));
  const either = (name: string) => field(result, name) ?? field(body, name);
  const report = either('report');
  const usecase = nameOf(either('usecase'));
  const modelVersion = nameOf(either('qure_model_version'));
  const triageStatus = triageOf(either('triage_status'));
  return {
    ...defined({ usecase, modelVersion, triageStatus }),
    report: readReport(report),
    findings: readFindings(result, report),
  };
}

/** The findings that one object holds, in the order in which it names them. `report` may hold a list of its own. */
export function readFindings(holder: JsonObject | undefined, report?: unknown): StatedFinding[] {
  const byKey = new Map<string, StatedFinding>();
  for (const [key, value] of entriesOf(field(holder, 'decisions'))) {
    const present = booleanOf(value);
    byKey.set(key, { key, ...defined({ present }) });
  }
  for (const [key, value] of entriesOf(field(holder, 'scores'))) {
    const score = numberOf(value);
    byKey.set(key, { ...(byKey.get(key) ?? { key }), ...defined({ score }) });
  }
  const lists = [field(asObject(report), 'findings_list'), field(holder, 'findings_list')];
  const listed = lists.flatMap((list) => (Array.isArray(list) ? list.flatMap(readPair) : []));
  return [...byKey.values(), ...listed];
}

/** `[key, text]`, as `findings_list` holds them. */
export function readPair(pair: unknown): StatedFinding[] {
  if (!Array.isArray(pair)) return [];
  const [written, second] = pair as unknown[];
  const key = keyOf(written);
  const text = longTextOf(second);
  return key === undefined ? [] : [{ key, ...defined({ text }) }];
}

function entriesOf(map: unknown): [string, unknown][] {
  return Object.entries(asObject(map) ?? {}).flatMap(([written, value]): [string, unknown][] => {
    const key = keyOf(written);
    return key === undefined ? [] : [[key, value]];
  });
}

function readReport(report: unknown): string[] {
  const object = asObject(report);
  const parts =
    object === undefined
      ? Array.isArray(report)
        ? (report as unknown[])
        : [report]
      : [field(object, 'findings'), field(object, 'impression')];
  return parts
    .slice(0, MAX_REPORT_TEXTS)
    .map(longTextOf)
    .filter((text) => text !== undefined);
}

export function keyOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_KEY_LENGTH) return undefined;
  const key = value.trim();
  return key === '' ? undefined : key.toWellFormed();
}

/** A text of several lines, cut to its bound; undefined for everything else. */
export function longTextOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.slice(0, MAX_TEXT_LENGTH).trim().toWellFormed();
  return text === '' ? undefined : text;
}

export function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  const word = value.trim().toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

/** Some systems write numbers as texts; `NaN`, blanks and hexadecimal are none. */
export function numberOf(value: unknown): number | undefined {
  const isText = typeof value === 'string' && /^-?\d{1,15}(?:\.\d{1,20})?(?:[eE]-?\d{1,3})?$/.test(value);
  const number = typeof value === 'number' ? value : isText ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** Names of use cases and models stand in events and metrics: short, printable, one line. */
function nameOf(value: unknown): string | undefined {
  const name = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  return /^[A-Za-z0-9][A-Za-z0-9 ._:+/-]{0,63}$/.test(name) ? name : undefined;
}

function triageOf(value: unknown): TriageStatus | undefined {
  const status = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  return status === 'critical' || status === 'routine' ? status : undefined;
}
