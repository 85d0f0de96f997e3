import { describe, expect, test } from 'vitest';
import { parseFaultArgument } from '../src/fault-argument.ts';
import { FaultPlan } from '../src/fault-plan.ts';
import type { FaultRule } from '../src/fault-rules.ts';

const RESET: FaultRule['fault'] = { kind: 'reset' };
const strikes = (plan: FaultPlan, calls: number, path = '/results/1') =>
  Array.from({ length: calls }, () => plan.next('results', path) !== undefined);

describe('when a fault strikes', () => {
  test.each<[string, Omit<FaultRule, 'fault'>, boolean[]]>([
    ['always', {}, [true, true, true, true]],
    ['its stage', { stage: 'results' }, [true, true, true, true]],
    ['another stage', { stage: 'upload' }, [false, false, false, false]],
    ['twice', { times: 2 }, [true, true, false, false]],
    ['once, after two calls', { skip: 2, times: 1 }, [false, false, true, false]],
    ['its path', { pathIncludes: '/1' }, [true, true, true, true]],
    ['another path', { pathIncludes: '/v2/' }, [false, false, false, false]],
    ['never', { probability: 0 }, [false, false, false, false]],
    ['certainly', { probability: 1 }, [true, true, true, true]],
  ])('%s', (_name, conditions, expected) => {
    expect(strikes(new FaultPlan([{ ...conditions, fault: RESET }], 1), 4)).toEqual(expected);
  });

  test('the first rule that holds strikes, then the next one', () => {
    const plan = new FaultPlan([{ times: 1, fault: RESET }, { fault: { kind: 'cut_off' } }], 1);
    expect([plan.next('asset', '/')?.kind, plan.next('asset', '/')?.kind]).toEqual(['reset', 'cut_off']);
  });

  test('probability follows the seed', () => {
    const rules: FaultRule[] = [{ probability: 0.5, fault: RESET }];
    const first = strikes(new FaultPlan(rules, 7), 200);
    expect(strikes(new FaultPlan(rules, 7), 200)).toEqual(first);
    expect(strikes(new FaultPlan(rules, 8), 200)).not.toEqual(first);
    expect(first.filter(Boolean).length).toBeGreaterThan(70);
    expect(first.filter(Boolean).length).toBeLessThan(130);
  });

  test('setting rules starts their counts anew', () => {
    const plan = new FaultPlan([{ times: 1, fault: RESET }], 1);
    expect(strikes(plan, 2)).toEqual([true, false]);
    plan.set([{ times: 1, fault: RESET }]);
    expect(strikes(plan, 2)).toEqual([true, false]);
  });
});

describe('faults on the command line', () => {
  test.each<[string, FaultRule]>([
    [
      'results:status,status=503,times=3',
      { stage: 'results', times: 3, fault: { kind: 'status', status: 503 } },
    ],
    ['any:reset,when=after,probability=0.25', { probability: 0.25, fault: { kind: 'reset', when: 'after' } }],
    ['asset:foreign_asset,of=patient', { stage: 'asset', fault: { kind: 'foreign_asset', of: 'patient' } }],
    ['any:status,status=200,body=login', { fault: { kind: 'status', status: 200, body: 'login' } }],
    [
      'results:other_usecase,usecase=qxr',
      { stage: 'results', fault: { kind: 'other_usecase', usecase: 'qxr' } },
    ],
    [
      'results:asset_left_out,type=pdf,times=2',
      { stage: 'results', times: 2, fault: { kind: 'asset_left_out', type: 'pdf' } },
    ],
    ['asset:padded,bytes=1000,skip=1', { stage: 'asset', skip: 1, fault: { kind: 'padded', bytes: 1000 } }],
  ])('%s', (argument, expected) => {
    expect(parseFaultArgument(argument)).toMatchObject(expected);
  });

  test.each([
    '',
    'reset',
    'nowhere:reset',
    'upload:unknown',
    'upload:status,status=200',
    'upload:reset,bad=1',
    'any:slow',
  ])('"%s" is refused', (argument) => {
    expect(() => parseFaultArgument(argument)).toThrow(/^Expected --fault stage:kind/);
  });
});
