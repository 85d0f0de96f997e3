import { isValidUid } from '@qure-dropoff/dicom';
import { readS3Event } from '../ingest/s3-event.ts';
import type { StageDeadLetter } from '../recovery/dead-letters/dead-letter-walk.ts';
import { defined } from '../shared/defined.ts';
import * as z from '../shared/schema.ts';
import { isSourceName } from '../sources/sources-document.ts';
import type { Answer } from './answers.ts';

type DeadLetterSummary = Answer<'DeadLetter'>;

const work = z.object({ source: z.optional(z.string()), seriesInstanceUid: z.optional(z.string()) });

/** Of the body nothing is shown but what is a source's name, a UID or a number: a malformed one may hold anything. */
export function summaryOf(letter: StageDeadLetter): DeadLetterSummary {
  const { stage, cause, messageId, failedAt, receives } = letter;
  return {
    stage,
    cause,
    messageId,
    ...defined({ failedAt, receives }),
    ...(stage === 'ingest' ? objectsOf(letter.body) : workOf(letter.body)),
  };
}

function objectsOf(body: string): Pick<DeadLetterSummary, 'objects'> {
  const reading = readS3Event(body);
  return reading.kind === 'created' ? { objects: reading.objects.length } : {};
}

function workOf(body: string): Pick<DeadLetterSummary, 'source' | 'seriesInstanceUid'> {
  const { source, seriesInstanceUid: uid } = readWork(body);
  return {
    ...(source !== undefined && isSourceName(source) ? { source } : {}),
    ...(uid !== undefined && isValidUid(uid) ? { seriesInstanceUid: uid } : {}),
  };
}

function readWork(body: string): z.infer<typeof work> {
  try {
    return work.safeParse(JSON.parse(body)).data ?? {};
  } catch {
    return {};
  }
}
