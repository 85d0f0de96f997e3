import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Circuit } from '../../core/circuit.ts';
import type { CircuitStore } from '../../core/ports.ts';
import { readRows, type TableRef } from './batches.ts';
import { unlessRefused } from './conditions.ts';

export function createCircuitStore(table: TableRef): CircuitStore {
  const { client, tableName } = table;
  const circuitKey = (source: string) => ({ pk: `SOURCE#${source}`, sk: 'CIRCUIT' });
  const denialsKey = (source: string) => ({ pk: `SOURCE#${source}`, sk: 'DENIALS' });
  return {
    async load(source) {
      const rows = await readRows(table, [circuitKey(source), denialsKey(source)]);
      const circuit = rows.find((row) => row['sk'] === 'CIRCUIT')?.['circuit'] as Circuit | undefined;
      const denials = Number(rows.find((row) => row['sk'] === 'DENIALS')?.['denials'] ?? 0);
      return circuit === undefined ? { denials } : { circuit, denials };
    },
    async put(circuit) {
      await client.send(
        new PutCommand({ TableName: tableName, Item: { ...circuitKey(circuit.source), circuit } }),
      );
    },
    async amend(circuit) {
      await unlessRefused(
        client.send(
          new PutCommand({
            TableName: tableName,
            Item: { ...circuitKey(circuit.source), circuit },
            ConditionExpression: 'circuit.openedAt = :openedAt',
            ExpressionAttributeValues: { ':openedAt': circuit.openedAt },
          }),
        ),
      );
    },
    async removeRecovered(source) {
      await unlessRefused(
        client.send(
          new DeleteCommand({
            TableName: tableName,
            Key: circuitKey(source),
            ConditionExpression: 'attribute_exists(circuit.recoveringAt)',
          }),
        ),
      );
    },
    async countDenial(source) {
      const answer = await client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: denialsKey(source),
          UpdateExpression: 'ADD denials :one',
          ExpressionAttributeValues: { ':one': 1 },
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      return Number(answer.Attributes?.['denials']);
    },
    async resetDenials(source) {
      await client.send(new DeleteCommand({ TableName: tableName, Key: denialsKey(source) }));
    },
  };
}
