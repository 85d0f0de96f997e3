import { expect, it } from 'vitest';
import { addSeconds, laterOf, secondsBetween } from '../../../functions/shared/time.ts';

const NOON = '2026-03-01T12:00:00.000Z';

it.each<[string, number, string]>([
  ['a second', 1, '2026-03-01T12:00:01.000Z'],
  ['a part of a second', 0.25, '2026-03-01T12:00:00.250Z'],
  ['over midnight', 43_200, '2026-03-02T00:00:00.000Z'],
  ['backwards', -1, '2026-03-01T11:59:59.000Z'],
])('adds %s', (_name, seconds, expected) => {
  expect(addSeconds(NOON, seconds)).toBe(expected);
  expect(secondsBetween(NOON, expected)).toBe(seconds);
});

it('gives instants that sort as text', () => {
  const instants = [0, 1, 59.999, 60, 3600, 86_400].map((seconds) => addSeconds(NOON, seconds));
  expect([...instants].sort()).toEqual(instants);
  expect(laterOf(NOON, addSeconds(NOON, 1))).toBe(addSeconds(NOON, 1));
  expect(laterOf(addSeconds(NOON, 1), NOON)).toBe(addSeconds(NOON, 1));
});
