import { expect, test } from 'vitest';
import { isShownBy } from '../../support/page-steps.ts';

test('an output shows what a page expects, with anything for each …', () => {
  expect(
    isShownBy(
      '{ "state": "DONE", … "product": "qER" }',
      '{"a":1} { "state": "DONE",\n "x": 2, "product": "qER" }',
    ),
  ).toBe(true);
  expect(isShownBy('DONE  qER', 'STATE PRODUCT\nDONE     qER')).toBe(true);
});

test('an output does not show another order, or what it lacks', () => {
  expect(isShownBy('qER … DONE', 'DONE qER')).toBe(false);
  expect(isShownBy('DONE … qCT', 'DONE qER')).toBe(false);
});
