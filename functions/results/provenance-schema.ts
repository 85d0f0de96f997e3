import { MAX_UID_LENGTH, UID_PATTERN } from '@qure-dropoff/dicom';
import * as z from 'zod';
import { silence } from '../series/result-facts-schema.ts';
import { COMPLETION_REASONS } from '../series/series-facts.ts';

/**
 * `provenance.json`: what a result was made of, and what was stored (docs/provenance.md). Open for readers: later versions
 * may add members. `schemaVersion` changes only where a reader would break.
 */

const uid = z.string().regex(UID_PATTERN).max(MAX_UID_LENGTH);
const at = z.string().meta({ format: 'date-time' });
const count = z.int().min(0);
const generation = z.int().min(1);
const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('SHA-256 of the bytes, in hexadecimal digits.');

const instance = z.object({
  sopInstanceUid: uid.describe('SOP Instance UID (0008,0018).'),
  etag: z
    .string()
    .describe(
      'ETag of the dropped object, as S3 gives it. Of a file in an archive: `crc32:<CRC-32>:<size>`.',
    ),
  sizeBytes: count.describe('Size of the dropped object, or of the file in an archive.'),
  isGzip: z.literal(true).exactOptional().describe('The object holds the DICOM file packed by gzip.'),
  isLeftOut: z
    .literal(true)
    .exactOptional()
    .describe('A localizer that the source leaves out of the upload: Qure was not given it.'),
  sha256: sha256
    .exactOptional()
    .describe(
      'SHA-256 of the DICOM file as it was uploaded (unpacked). Absent where another system uploads, or it is not known.',
    ),
});

const receipt = z.object({
  round: count.describe(
    'Counts up when Qure turned out to lack what it had registered, or when another content of an instance was to be uploaded.',
  ),
  registered: count.describe('How many files Qure registered with this request.'),
  instancesAtQure: count
    .exactOptional()
    .describe('NumberOfSeriesRelatedInstances: how many instances Qure held after it.'),
});

const storedFile = z.object({
  name: z.string().min(1).describe('Below the folder of the generation, for example files/pdf/0.'),
  sizeBytes: count.exactOptional(),
  sha256: sha256.exactOptional().describe('Absent where the file could not be read back in time.'),
  answerDigest: z
    .string()
    .exactOptional()
    .describe(
      "Of Qure's answer: the same for an answer that differs in nothing but its links, which are signed anew each time.",
    ),
});

export const provenanceSchema = z
  .object({
    schemaVersion: z.literal('1').describe('Version of the shape of this document.'),
    software: z
      .object({ name: z.string(), version: z.string() })
      .describe('What stored the result and wrote this document.'),
    writtenAt: at.describe('When this document was written.'),
    source: z.string().min(1),
    studyInstanceUid: uid,
    seriesInstanceUid: uid,
    generation,
    modality: z.string().exactOptional(),
    product: z.string().min(1).describe('The Qure product that the series was routed to.'),
    usecase: z.string().exactOptional().describe("The use case by Qure's answer."),
    modelVersion: z.string().exactOptional().describe("qure_model_version of Qure's answer."),
    triageStatus: z.enum(['critical', 'routine']).exactOptional(),
    isInvalidScan: z.literal(true).exactOptional().describe('Qure answered 206: the scan is not valid.'),
    unreadInstances: z
      .int()
      .min(1)
      .exactOptional()
      .describe('X-rays: so many instances have no result; findings.json names them.'),
    sameAsGeneration: generation
      .exactOptional()
      .describe('The answer equals that of this earlier generation in everything but its links.'),
    supersedes: generation
      .exactOptional()
      .describe('The earlier generation whose result this one stands in place of.'),
    completeness: z
      .object({
        evidence: z
          .enum(COMPLETION_REASONS)
          .describe('Why the series was judged complete (docs/completion.md).'),
        silence: silence.exactOptional(),
        completedAt: at,
        instances: count.describe('How many instances it was judged by.'),
        fingerprint: z
          .string()
          .describe(
            'First 32 hexadecimal digits of the SHA-256 of the sorted lines "<SOPInstanceUID> <etag> <sizeBytes>", joined by line feeds.',
          ),
        quality: z.record(z.string(), z.unknown()).exactOptional(),
        outsideIndication: z.array(z.string()).exactOptional(),
      })
      .describe('The evidence that the set of instances was complete.'),
    instances: z.array(instance).describe('The set that was judged complete, in the order of the UIDs.'),
    receipts: z
      .array(receipt)
      .describe(
        "Qure's receipts of the uploads in the round that counts; empty where another system uploads.",
      ),
    compute: z
      .object({
        status: z.int(),
        message: z.string(),
        success: z.boolean(),
        authenticated: z.boolean().nullable(),
        at,
      })
      .exactOptional()
      .describe('The answer to the compute call, as in compute.json. Absent where no call is made.'),
    files: z
      .array(storedFile)
      .describe('Every file of the generation but this one, in the order of the names.'),
  })
  .meta({
    title: 'Provenance of a result',
    description: 'What a result of qure-dropoff was made of, and the hashes of what was stored.',
  });

export type Provenance = z.infer<typeof provenanceSchema>;
