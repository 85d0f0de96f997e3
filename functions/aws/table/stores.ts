import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createAccessionStore } from './accession-store.ts';
import { createArchiveStore } from './archive-store.ts';
import { createAuditStore } from './audit-store.ts';
import type { TableRef } from './batches.ts';
import { createComputingTimesStore } from './computing-times-store.ts';
import { documentClient } from './direct-table.ts';
import { createInstanceResultStore } from './instance-result-store.ts';
import { createInstanceStore } from './instance-store.ts';
import { createJudgedSetStore } from './judged-set-store.ts';
import { createMarkerStore } from './marker-store.ts';
import { createModelVersionStore } from './model-version-store.ts';
import { createPatientStore } from './patient-store.ts';
import { createQuarantineStore } from './quarantine-store.ts';
import { createReconcileStore } from './reconcile-store.ts';
import { createSenderStore } from './sender-store.ts';
import { createSeriesStore } from './series-store.ts';
import { createSourceStateStore } from './source-state-store.ts';
import { createUploadRecordStore } from './upload-record-store.ts';
import { createWatermarkStore } from './watermark-store.ts';
import { createWorkspaceStore } from './workspace-store.ts';

/** The stores over the SDK alone. */
export function createStores(client: DynamoDBClient, tableName: string) {
  return createStoresOver({ client: documentClient(client), tableName });
}

/** Every kind of row of the one table, each behind its own interface. */
export function createStoresOver(table: TableRef) {
  return {
    series: createSeriesStore(table),
    accessions: createAccessionStore(table),
    audit: createAuditStore(table),
    instances: createInstanceStore(table),
    uploadRecords: createUploadRecordStore(table),
    instanceResults: createInstanceResultStore(table),
    judgedSets: createJudgedSetStore(table),
    patients: createPatientStore(table),
    quarantine: createQuarantineStore(table),
    markers: createMarkerStore(table),
    archives: createArchiveStore(table),
    sourceStates: createSourceStateStore(table),
    modelVersions: createModelVersionStore(table),
    senders: createSenderStore(table),
    computingTimes: createComputingTimesStore(table),
    reconciliation: createReconcileStore(table),
    workspaces: createWorkspaceStore(table),
    watermark: createWatermarkStore(table),
  };
}
