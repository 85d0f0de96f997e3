import { execFileSync, spawnSync } from 'node:child_process';

export type Pattern = { readonly [name: string]: readonly unknown[] | Pattern };

/**
 * Whether an event passes a pattern of plain values, which are all that the examples use.
 * Source: Amazon EventBridge user guide, "Creating event patterns": every field of the pattern must be there with one of its values;
 * of a list one value is enough ("Arrays in event patterns").
 */
export function isMatch(pattern: Pattern, event: unknown): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    const value = (event as Record<string, unknown> | undefined)?.[name];
    if (!Array.isArray(wanted)) return isMatch(wanted as Pattern, value);
    if (wanted.some((one) => typeof one === 'object' && one !== null))
      throw new Error(`Expected plain values for ${name}, got an operator. Teach it to this matcher.`);
    return Array.isArray(value) ? wanted.some((one) => value.includes(one)) : wanted.includes(value);
  });
}

const MOTO = `
import json, sys
from moto.events.models import EventPattern
for pattern, event in json.load(sys.stdin):
    print(EventPattern.load(json.dumps(pattern)).matches_event(event))
`;

/** The same by moto's matcher; `undefined` where this machine has no Python with moto. */
export function motoMatches(pairs: readonly (readonly [Pattern, unknown])[]): boolean[] | undefined {
  // Only its absence is a reason to leave it out: an error of the script below is one of the test.
  if (spawnSync('python3', ['-c', 'import moto']).status !== 0) return undefined;
  const answer = execFileSync('python3', ['-c', MOTO], { input: JSON.stringify(pairs), encoding: 'utf8' });
  return answer
    .trim()
    .split('\n')
    .map((line) => line === 'True');
}

/**
 * What a target gets by an input transformer.
 * Source: Amazon EventBridge user guide, "Input transformation": a variable within quotes is put in as text, elsewhere as JSON.
 */
export function transformed(
  { InputPathsMap, InputTemplate }: { InputPathsMap: Record<string, string>; InputTemplate: string },
  event: unknown,
): unknown {
  const valueAt = (name: string) => {
    const path = InputPathsMap[name];
    if (path === undefined) throw new Error(`The template names <${name}>, which has no path.`);
    const value = path
      .replace(/^\$\.?/, '')
      .split('.')
      .reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], event);
    if (value === undefined) throw new Error(`The event has nothing at ${path}.`);
    return value;
  };
  const text = InputTemplate.replaceAll(/"(?:[^"\\]|\\.)*"|<([\w-]+)>/g, (part, bare: string | undefined) =>
    bare === undefined
      ? part.replaceAll(/<([\w-]+)>/g, (_all, name: string) => String(valueAt(name)))
      : JSON.stringify(valueAt(bare)),
  );
  return JSON.parse(text);
}
