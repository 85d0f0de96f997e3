import { beforeEach, expect, it } from 'vitest';
import type { SourceState } from '../../../../functions/admission/source-state.ts';
import {
  createSourceStateStore,
  SourceContendedError,
} from '../../../../functions/aws/table/source-state-store.ts';
import { clientOf, directWire, type Wire } from '../../../services/wire.ts';
import { VirtualClock } from '../../../support/world/virtual-clock.ts';
import { START } from '../../../support/world/world.ts';
import { createSimulatedTable, TABLE } from '../../../support/world/world-stores.ts';

const withUnit = (state: SourceState) => ({ state: { ...state, admitted: [...state.admitted, 'unit'] } });

let store: ReturnType<typeof createSourceStateStore>;
/** So many writes of the store meet one of another run that was first. */
let others = 0;
let sleeps: number[] = [];
beforeEach(() => {
  const table = createSimulatedTable(new VirtualClock(START));
  const other = createSourceStateStore({ client: clientOf(table, directWire), tableName: TABLE });
  const wire: Wire = async (request) => {
    if (request.operation === 'PutItem' && others > 0) {
      others -= 1;
      await other.decide('siteA', withUnit);
    }
    return request.execute();
  };
  const sleep = async (ms: number) => sleeps.push(ms);
  store = createSourceStateStore({
    client: clientOf(table, wire),
    tableName: TABLE,
    sleep,
    random: () => 0.5,
  });
  others = 0;
  sleeps = [];
});

it('writes nothing if the decision changes nothing', async () => {
  await store.decide('siteA', withUnit);
  const read = (state: SourceState) => ({ state, said: 'wait' });
  const decided = await store.decide('siteA', read);
  expect(decided).toMatchObject({ state: { version: 1, admitted: ['unit'] }, said: 'wait' });
  expect(await store.decide('siteA', read)).toEqual(decided);
});

it('decides again on the row of another run, after a growing wait', async () => {
  others = 2;
  const seen: number[] = [];
  await store.decide('siteA', (state) => {
    seen.push(state.version);
    return withUnit(state);
  });
  expect(seen).toEqual([0, 1, 2]);
  expect(sleeps).toEqual([37.5, 75]);
});

it('throws QuotaContendedError for a row that others keep changing', async () => {
  others = 99;
  await expect(store.decide('siteA', withUnit)).rejects.toThrow(SourceContendedError);
  expect(Math.max(...sleeps)).toBe(600);
});
