import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  Table,
  TableEncryption,
  type WarmThroughput,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { EXPIRY_ATTRIBUTE } from '../../functions/aws/table/expiry.ts';
import { INDEXES } from '../../functions/aws/table/keys.ts';
import { Validations } from './validations.ts';

export type IndexName = keyof typeof INDEXES;

export interface SeriesTableProps {
  encryptionKey: IKey;
  /** Protected from deletion, and left behind when the stack goes. */
  isRetained: boolean;
  /** Of the table alone: the indexes hold series, and get a small part of the writes. Default: what a new table has. */
  warmThroughput?: WarmThroughput;
}

/** Series, instances, markers, quarantine and the state of sources in one table: `pk` names the entity, `sk` its row. */
export class SeriesTable extends Construct {
  readonly table: ITable;

  constructor(scope: Construct, id: string, props: SeriesTableProps) {
    super(scope, id);
    // `Table` and not `TableV2`: emulators of CloudFormation know `AWS::DynamoDB::Table`.
    const table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      // On demand: no cost without scans, and no capacity planning for the burst of a migration.
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.encryptionKey,
      // In an existing table this is an update in place: no row of before has the attribute.
      timeToLiveAttribute: EXPIRY_ATTRIBUTE,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.isRetained,
      removalPolicy: props.isRetained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(props.warmThroughput && { warmThroughput: props.warmThroughput }),
    });
    for (const [indexName, { partitionKey, sortKey }] of Object.entries(INDEXES)) {
      table.addGlobalSecondaryIndex({
        indexName,
        partitionKey: { name: partitionKey, type: AttributeType.STRING },
        sortKey: { name: sortKey, type: AttributeType.STRING },
        projectionType: ProjectionType.KEYS_ONLY,
      });
    }
    Validations.of(table).acknowledge({
      id: 'HIPAA.Security-DynamoDBInBackupPlan',
      reason:
        'The table can be restored to any second of the last 35 days, and rebuilt from the buckets (reconciliation). A backup plan is a decision of the account.',
    });
    // The CDK's own types disagree on whether an optional member may be undefined.
    this.table = table as ITable;
  }

  /** @returns the ARN of one index, for the roles that query it */
  indexArn(index: IndexName): string {
    return `${this.table.tableArn}/index/${index}`;
  }
}
