import { defined } from '../../shared/defined.ts';
import { asObject, field, type JsonObject } from '../answer-body.ts';
import {
  booleanOf,
  keyOf,
  longTextOf,
  numberOf,
  readFindings,
  readPair,
  type StatedFinding,
} from './read-answer.ts';

/** Where a finding may have its parts, most telling first. */
const KEY_FIELDS = ['key', 'name', 'finding', 'condition', 'pathology', 'tag', 'label', 'type'];
const LABEL_FIELDS = ['label', 'title', 'display'];
const PRESENT_FIELDS = ['present', 'presence', 'detected', 'decision'];
const SCORE_FIELDS = ['score', 'probability', 'confidence'];
const TEXT_FIELDS = ['text', 'description', 'comment', 'value'];

/**
 * Reads the `json` asset of qCT, whose shape no document states: the shapes that Qure uses elsewhere, and plain lists or maps of
 * findings. What has another shape holds no finding for us; the asset itself is stored. Never throws.
 */
export function readAsset(document: unknown): StatedFinding[] {
  const body = asObject(document);
  const holders = [
    body,
    ...['result', 'results', 'data', 'output'].map((name) => asObject(field(body, name))),
  ];
  for (const holder of holders) {
    const findings = [
      ...readFindings(holder, field(holder, 'report')),
      ...['findings', 'tags'].flatMap((name) => readCollection(field(holder, name))),
    ];
    if (findings.length > 0) return findings;
  }
  return [];
}

function readCollection(value: unknown): StatedFinding[] {
  if (Array.isArray(value))
    return value.flatMap((entry: unknown) => (Array.isArray(entry) ? readPair(entry) : readEntry(entry)));
  return Object.entries(asObject(value) ?? {}).flatMap(([written, entry]) => {
    const key = keyOf(written);
    return key === undefined ? [] : [readNamed(key, entry)];
  });
}

function readEntry(value: unknown): StatedFinding[] {
  const entry = asObject(value);
  const key = firstOf(entry, KEY_FIELDS, keyOf);
  return key === undefined ? [] : [readNamed(key, value)];
}

/** The value may be an object with the parts, or be the one part itself. */
function readNamed(key: string, value: unknown): StatedFinding {
  const entry = asObject(value);
  const part = <T>(fields: readonly string[], read: (value: unknown) => T | undefined) =>
    entry === undefined ? read(value) : firstOf(entry, fields, read);
  const label = firstOf(entry, LABEL_FIELDS, keyOf);
  const present = part(PRESENT_FIELDS, booleanOf);
  const score = part(SCORE_FIELDS, numberOf);
  const text = part(TEXT_FIELDS, longTextOf);
  return {
    key,
    ...defined({ label, present, score, text }),
  };
}

function firstOf<T>(
  entry: JsonObject | undefined,
  fields: readonly string[],
  read: (value: unknown) => T | undefined,
): T | undefined {
  for (const name of fields) {
    const value = read(field(entry, name));
    if (value !== undefined) return value;
  }
  return undefined;
}
