import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { NEW_SOURCE_STATE, type SourceState } from '../../../functions/admission/source-state.ts';
import { toInstance } from '../../../functions/aws/table/instance-store.ts';
import { INDEXES, INSTANCE_PREFIX, SERIES_ROW } from '../../../functions/aws/table/keys.ts';
import { toSeries, toSeriesRow } from '../../../functions/aws/table/series-rows.ts';
import { createStoresOver } from '../../../functions/aws/table/stores.ts';
import type { Archive } from '../../../functions/instances/archive.ts';
import type { QuarantinedObject } from '../../../functions/instances/quarantine.ts';
import type { Series } from '../../../functions/series/series.ts';
import { SimulatedTable } from '../../services/table/simulated-table.ts';
import { clientOf, directWire } from '../../services/wire.ts';
import type { VirtualClock } from './virtual-clock.ts';

export const TABLE = 'table';

export function createSimulatedTable({ nowMs: now }: VirtualClock): SimulatedTable {
  const schema = { partitionKey: 'pk', sortKey: 'sk', indexes: INDEXES };
  return new SimulatedTable({ tableName: TABLE, schema, now, indexLagMs: () => 0 });
}

/** The stores of the functions over a simulated table, and what a test sees (`all`, `of`) and puts there (`seed`) beside them. */
export function createWorldStores(table: SimulatedTable) {
  const stores = createStoresOver({
    client: clientOf(table, directWire),
    tableName: TABLE,
    sleep: async () => {},
    random: () => 0,
  });
  const rows = (isWanted: (pk: string, sk: string) => boolean) =>
    [...table.rows()].filter((row) => isWanted(String(row['pk']), String(row['sk'])));
  return {
    ...stores,
    series: {
      ...stores.series,
      all: () => rows((_pk, sk) => sk === SERIES_ROW).map(toSeries),
      /** Whatever stands in its place. */
      seed(series: Series): void {
        table.execute(new PutCommand({ TableName: TABLE, Item: toSeriesRow(series) }));
      },
    },
    instances: {
      ...stores.instances,
      all: () => rows((_pk, sk) => sk.startsWith(INSTANCE_PREFIX)).map(toInstance),
    },
    quarantine: {
      ...stores.quarantine,
      all: () => rows((pk) => pk.startsWith('QUARANTINE#')).map((row) => row['object'] as QuarantinedObject),
    },
    archives: {
      ...stores.archives,
      all: () =>
        rows((pk) => pk.startsWith('ARCHIVE#')).flatMap(
          (row) => (row['archive'] as Archive | undefined) ?? [],
        ),
    },
    markers: {
      ...stores.markers,
      /** As if an older version had written the marker. */
      forgetProgress(source: string, markerId: string): void {
        const Key = { pk: `MARKER#${source}`, sk: `${markerId}#PROGRESS` };
        table.execute(new DeleteCommand({ TableName: TABLE, Key }));
      },
    },
    sourceStates: {
      ...stores.sourceStates,
      of(source: string): SourceState {
        const [row] = rows((pk, sk) => pk === `SOURCE#${source}` && sk === 'STATE');
        return (row?.['sourceState'] as SourceState | undefined) ?? NEW_SOURCE_STATE;
      },
    },
  };
}
