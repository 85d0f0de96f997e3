import { AsyncLocalStorage } from 'node:async_hooks';
import type { SQSEvent } from 'aws-lambda';
import type { SourceState } from '../../functions/admission/source-state.ts';
import { defined } from '../../functions/shared/defined.ts';
import type { Row } from '../services/table/options.ts';

/** What an invocation of a stage that works by tickets was given. */
export interface Work {
  /** Of the series row that it works on. */
  rowKey: string;
  /** Of the message. A run of the compute stage has the next one, see `runTicketOf`. */
  ticket: number;
  /** When it began, its series had gone on to another ticket. Whoever works on a series reads its row first: nothing is to be done. */
  isOld: boolean;
  /** Since when its source was stopped at that time. */
  stoppedSince?: string;
}

const current = new AsyncLocalStorage<Work>();

/** What an invocation leaves running belongs to it, even where its process has taken the next event by then. */
export function asInvocation<T>(work: Work | undefined, run: () => T): T {
  return work === undefined ? run() : current.run(work, run);
}

/** Of the invocation that a request comes of; `undefined` also for what takes effect after it was given up. */
export function currentWork(): Work | undefined {
  return current.getStore();
}

/** Of a batch of one message. */
export function jobOf({ Records: [record] }: SQSEvent, rows: ReadonlyMap<string, Row>): Work {
  const { source, seriesInstanceUid, ticket } = JSON.parse(record?.body ?? '');
  const rowKey = `${source}#${seriesInstanceUid} SERIES`;
  const row = rows.get(rowKey);
  const state = rows.get(`SOURCE#${source} STATE`)?.['sourceState'] as SourceState | undefined;
  const isOld = row !== undefined && Number(row['ticket']) > ticket;
  return { rowKey, ticket, isOld, ...defined({ stoppedSince: state?.stop?.since }) };
}

/** The ticket of the row while a run of the compute stage is the one of its series. */
export function runTicketOf({ ticket }: Pick<Work, 'ticket'>): number {
  return ticket + 1;
}
