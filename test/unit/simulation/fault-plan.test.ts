import { describe, expect, test } from 'vitest';
import { FaultPlan } from '../../simulation/fault-plan.ts';
import type { PlannedFault } from '../../simulation/faults.ts';
import { Random } from '../../simulation/random.ts';

const READ = { service: 'dynamodb', operation: 'GetItem' };
const UPLOAD = { service: 'qure', operation: 'upload' };

function planOf(...faults: PlannedFault[]): FaultPlan {
  return new FaultPlan(faults, [], new Random(1), () => 0);
}

describe('a planned fault', () => {
  test('without an operation counts every request that it can affect', () => {
    const plan = planOf({ kind: 'slow', stage: 'compute', nth: 2 });
    expect(plan.ofRequest('compute', READ)).toBeUndefined();
    expect(plan.ofRequest('compute', UPLOAD)).toEqual({ kind: 'slow' });
  });

  test('of an operation counts requests of that operation alone', () => {
    const plan = planOf({ kind: 'slow', stage: 'compute', operation: 'qure/upload', nth: 2 });
    const requests = [UPLOAD, READ, READ, UPLOAD, UPLOAD];
    const struck = requests.map((request) => plan.ofRequest('compute', request)?.kind);
    expect(struck).toEqual([undefined, undefined, undefined, 'slow', undefined]);
  });

  test('of an operation affects no other stage and no delivery', () => {
    const plan = planOf({
      kind: 'repeated_delivery',
      stage: 'compute',
      operation: 'sqs/SendMessage',
      nth: 1,
    });
    expect(plan.ofDelivery('compute', 'repeated_delivery')).toBe(false);
    const slow = planOf({ kind: 'slow', stage: 'compute', operation: 'qure/upload', nth: 1 });
    expect(slow.ofRequest('poll-results', UPLOAD)).toBeUndefined();
  });

  test('keeps its duration', () => {
    const timing = { effectSeconds: 0, answerSeconds: 134 };
    const plan = planOf({ kind: 'slow', stage: 'compute', nth: 1, timing });
    expect(plan.ofRequest('compute', READ)).toEqual({ kind: 'slow', timing });
  });

  test('that was never reached is reported', () => {
    const never: PlannedFault = { kind: 'slow', stage: 'sweep', nth: 1 };
    const plan = planOf(never, { kind: 'slow', stage: 'compute', nth: 1 });
    plan.ofRequest('compute', READ);
    expect(plan.notStruck).toEqual([never]);
  });
});
