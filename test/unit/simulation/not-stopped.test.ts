import { expect, test } from 'vitest';
import type { LogLine } from '../../simulation/function-process.ts';
import { expectNotStopped } from '../../simulation/invariants.ts';

const REFUSED = 'ObjectUnreadableError';

function failureOf(kind: string, error: string): LogLine {
  const fields = { kind, messageId: 'id-1', cause: 'object_unreadable', error };
  return { stage: 'check-completion', level: 'error', message: 'message failed; it comes again', fields };
}

test.each([
  { name: 'a marker that S3 refused an object of', line: failureOf('marker', REFUSED), isBroken: true },
  { name: 'a marker that failed otherwise', line: failureOf('marker', 'TimeoutError'), isBroken: false },
  { name: 'an archive that S3 refused', line: failureOf('archive', REFUSED), isBroken: false },
  {
    name: 'a marker that is checked again',
    line: { ...failureOf('marker', REFUSED), message: 'marker could not be checked yet' },
    isBroken: false,
  },
])('the invariant is broken by the message of $name: $isBroken', ({ line, isBroken }) => {
  const expectation = expect(() => expectNotStopped({ log: [line], failedRuns: [] }));
  if (isBroken) expectation.toThrow('an object that S3 refused stopped a marker');
  else expectation.not.toThrow();
});

test('the invariant is broken by a reconciliation that S3 refused an object', () => {
  const failedRuns = [{ stage: 'reconcile' as const, error: REFUSED }];
  expect(() => expectNotStopped({ log: [], failedRuns })).toThrow('stopped the reconciliation');
});
