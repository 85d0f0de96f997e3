import { MAX_UID_LENGTH, UID_PATTERN } from '@qure-dropoff/dicom';
import { WAIT_REASONS } from '@qure-dropoff/learned-quiet';
import * as z from 'zod';
import { MAX_SUMMARIES } from '../qure/findings/findings.ts';

/** What events and the HTTP API say alike of a series, as schemas; no function of the deployment needs them. */

export const uid = z.string().regex(UID_PATTERN).max(MAX_UID_LENGTH);
export const triageStatus = z
  .enum(['critical', 'routine'])
  .exactOptional()
  .describe(
    'qER and qCT: critical wants an expert at once. X-rays: critical means that any abnormality was found. Absent where the answer says nothing of it.',
  );
const count = z.int().min(0);
const instanceNumbers = z.array(z.int()).max(50);
export const usecase = z
  .string()
  .min(1)
  .exactOptional()
  .describe("The use case by Qure's answer: qer, qct, qxr, qmsk, not_implemented. More may come.");
export const modelVersion = z
  .string()
  .min(1)
  .exactOptional()
  .describe("qure_model_version of Qure's answer.");
export const findings = z
  .array(
    z.object({
      key: z
        .string()
        .regex(/^[A-Za-z0-9._-]{1,64}$/)
        .describe("Qure's own key of the finding; what is no letter, digit, dot, dash or underscore is one."),
      present: z
        .boolean()
        .exactOptional()
        .describe('Only where Qure says it. To match a finding that is present, use presentFindings.'),
      score: z.number().exactOptional().describe("Qure's score, to six decimal places."),
    }),
  )
  .max(MAX_SUMMARIES)
  .exactOptional()
  .describe('What Qure found: one entry a key, those that are present first; findings.json holds all of it.');
export const unreadInstances = z
  .int()
  .min(1)
  .exactOptional()
  .describe(
    'X-rays: so many instances have no result, since Qure has not read them or refuses them; findings.json names them.',
  );
export const silence = z
  .object({
    seconds: z.number().min(0).describe('How long no instance may come before the series is complete.'),
    reason: z.enum(WAIT_REASONS).describe('Why so long (docs/completion.md).'),
    knownSeries: count.describe('So many earlier series of the sender were known.'),
    longestSilenceSeconds: z
      .number()
      .min(0)
      .describe('Of those, all but one in 200 were silent inside for no longer.'),
  })
  .describe('How long the series had to be silent, by what was known of its sender.');
export const sameAsGeneration = z
  .int()
  .min(1)
  .exactOptional()
  .describe('The answer equals that of this earlier generation in everything but its links.');
export const replacedUnconfirmed = z
  .int()
  .min(1)
  .exactOptional()
  .describe(
    'Instances sent again with other bytes, of which Qure said only that it has them: it may hold the old ones.',
  );
export const outsideIndication = z
  .array(z.string().min(1))
  .exactOptional()
  .describe('Codes of what lies outside the clearances of the product: read docs/routing.md. More may come.');
export const quality = z
  .object({
    missing: instanceNumbers.exactOptional().describe('Missing InstanceNumbers, the first 50.'),
    doubled: instanceNumbers.exactOptional().describe('InstanceNumbers that more than one instance has.'),
    gaps: count.exactOptional().describe('Places where neighbours are too far apart.'),
    doubledPositions: count.exactOptional().describe('Slices at a position that another one has.'),
    offPlane: count.exactOptional().describe('Images in another plane than the slices.'),
    mixed: z
      .array(z.enum(['matrix', 'orientation', 'kernel']))
      .exactOptional()
      .describe('What not all slices have alike.'),
    claimedInstances: count.exactOptional().describe('As many as the headers claim; fewer are here.'),
  })
  .exactOptional()
  .describe(
    'What is wrong with the series as a volume: read docs/quality.md. Absent where nothing was found.',
  );
