import { MAX_UID_LENGTH, UID_PATTERN } from '@qure-dropoff/dicom';
import { silence } from '../series/result-facts-schema.ts';
import { COMPLETION_REASONS } from '../series/series-facts.ts';
import * as z from '../shared/schema.ts';

/**
 * `provenance.json`: what a result was made of, and what was stored (docs/provenance.md). Open for readers: later versions
 * may add members. `schemaVersion` changes only where a reader would break.
 */

const uid = z.string().check(z.regex(UID_PATTERN), z.maxLength(MAX_UID_LENGTH));
const at = z.string().check(z.meta({ format: 'date-time' }));
const count = z.int().check(z.minimum(0));
const generation = z.int().check(z.minimum(1));
const sha256 = z
  .string()
  .check(z.regex(/^[0-9a-f]{64}$/), z.describe('SHA-256 of the bytes, in hexadecimal digits.'));

const instance = z.object({
  sopInstanceUid: uid.check(z.describe('SOP Instance UID (0008,0018).')),
  etag: z
    .string()
    .check(
      z.describe(
        'ETag of the dropped object, as S3 gives it. Of a file in an archive: `crc32:<CRC-32>:<size>`.',
      ),
    ),
  sizeBytes: count.check(z.describe('Size of the dropped object, or of the file in an archive.')),
  isGzip: z
    .exactOptional(z.literal(true))
    .check(z.describe('The object holds the DICOM file packed by gzip.')),
  isLeftOut: z
    .exactOptional(z.literal(true))
    .check(z.describe('A localizer that the source leaves out of the upload: Qure was not given it.')),
  sha256: z
    .exactOptional(sha256)
    .check(
      z.describe(
        'SHA-256 of the DICOM file as it was uploaded (unpacked). Absent where another system uploads, or it is not known.',
      ),
    ),
});

const receipt = z.object({
  round: count.check(
    z.describe(
      'Counts up when Qure turned out to lack what it had registered, or when another content of an instance was to be uploaded.',
    ),
  ),
  registered: count.check(z.describe('How many files Qure registered with this request.')),
  instancesAtQure: z
    .exactOptional(count)
    .check(z.describe('NumberOfSeriesRelatedInstances: how many instances Qure held after it.')),
});

const storedFile = z.object({
  name: z
    .string()
    .check(z.minLength(1), z.describe('Below the folder of the generation, for example files/pdf/0.')),
  sizeBytes: z.exactOptional(count),
  sha256: z.exactOptional(sha256).check(z.describe('Absent where the file could not be read back in time.')),
  answerDigest: z
    .exactOptional(z.string())
    .check(
      z.describe(
        "Of Qure's answer: the same for an answer that differs in nothing but its links, which are signed anew each time.",
      ),
    ),
});

export const provenanceSchema = z
  .object({
    schemaVersion: z.literal('1').check(z.describe('Version of the shape of this document.')),
    software: z
      .object({ name: z.string(), version: z.string() })
      .check(z.describe('What stored the result and wrote this document.')),
    writtenAt: at.check(z.describe('When this document was written.')),
    source: z.string().check(z.minLength(1)),
    studyInstanceUid: uid,
    seriesInstanceUid: uid,
    generation,
    modality: z.exactOptional(z.string()),
    product: z.string().check(z.minLength(1), z.describe('The Qure product that the series was routed to.')),
    usecase: z.exactOptional(z.string()).check(z.describe("The use case by Qure's answer.")),
    modelVersion: z.exactOptional(z.string()).check(z.describe("qure_model_version of Qure's answer.")),
    triageStatus: z.exactOptional(z.enum(['critical', 'routine'])),
    isInvalidScan: z
      .exactOptional(z.literal(true))
      .check(z.describe('Qure answered 206: the scan is not valid.')),
    unreadInstances: z
      .exactOptional(z.int().check(z.minimum(1)))
      .check(z.describe('X-rays: so many instances have no result; findings.json names them.')),
    sameAsGeneration: z
      .exactOptional(generation)
      .check(z.describe('The answer equals that of this earlier generation in everything but its links.')),
    supersedes: z
      .exactOptional(generation)
      .check(z.describe('The earlier generation whose result this one stands in place of.')),
    completeness: z
      .object({
        evidence: z
          .enum(COMPLETION_REASONS)
          .check(z.describe('Why the series was judged complete (docs/completion.md).')),
        silence: z.exactOptional(silence),
        completedAt: at,
        instances: count.check(z.describe('How many instances it was judged by.')),
        fingerprint: z
          .string()
          .check(
            z.describe(
              'First 32 hexadecimal digits of the SHA-256 of the sorted lines "<SOPInstanceUID> <etag> <sizeBytes>", joined by line feeds.',
            ),
          ),
        quality: z.exactOptional(z.record(z.string(), z.unknown())),
        outsideIndication: z.exactOptional(z.array(z.string())),
      })
      .check(z.describe('The evidence that the set of instances was complete.')),
    instances: z
      .array(instance)
      .check(z.describe('The set that was judged complete, in the order of the UIDs.')),
    receipts: z
      .array(receipt)
      .check(
        z.describe(
          "Qure's receipts of the uploads in the round that counts; empty where another system uploads.",
        ),
      ),
    compute: z
      .exactOptional(
        z.object({
          status: z.int(),
          message: z.string(),
          success: z.boolean(),
          authenticated: z.nullable(z.boolean()),
          at,
        }),
      )
      .check(z.describe('The answer to the compute call, as in compute.json. Absent where no call is made.')),
    files: z
      .array(storedFile)
      .check(z.describe('Every file of the generation but this one, in the order of the names.')),
  })
  .check(
    z.meta({
      title: 'Provenance of a result',
      description: 'What a result of qure-dropoff was made of, and the hashes of what was stored.',
    }),
  );

export type Provenance = z.infer<typeof provenanceSchema>;
