import { MAX_UID_LENGTH, UID_PATTERN } from '@qure-dropoff/dicom';
import { WAIT_REASONS } from '@qure-dropoff/learned-quiet';
import { MAX_SUMMARIES } from '../qure/findings/findings.ts';
import * as z from '../shared/schema.ts';

/** What events and the HTTP API say alike of a series, as schemas; no function of the deployment needs them. */

export const uid = z.string().check(z.regex(UID_PATTERN), z.maxLength(MAX_UID_LENGTH));
export const triageStatus = z
  .exactOptional(z.enum(['critical', 'routine']))
  .check(
    z.describe(
      'qER and qCT: critical wants an expert at once. X-rays: critical means that any abnormality was found. Absent where the answer says nothing of it.',
    ),
  );
const count = z.int().check(z.minimum(0));
const instanceNumbers = z.array(z.int()).check(z.maxLength(50));
export const usecase = z
  .exactOptional(z.string().check(z.minLength(1)))
  .check(z.describe("The use case by Qure's answer: qer, qct, qxr, qmsk, not_implemented. More may come."));
export const modelVersion = z
  .exactOptional(z.string().check(z.minLength(1)))
  .check(z.describe("qure_model_version of Qure's answer."));
export const findings = z
  .exactOptional(
    z
      .array(
        z.object({
          key: z
            .string()
            .check(
              z.regex(/^[A-Za-z0-9._-]{1,64}$/),
              z.describe(
                "Qure's own key of the finding; what is no letter, digit, dot, dash or underscore is one.",
              ),
            ),
          present: z
            .exactOptional(z.boolean())
            .check(
              z.describe('Only where Qure says it. To match a finding that is present, use presentFindings.'),
            ),
          score: z.exactOptional(z.number()).check(z.describe("Qure's score, to six decimal places.")),
        }),
      )
      .check(z.maxLength(MAX_SUMMARIES)),
  )
  .check(
    z.describe(
      'What Qure found: one entry a key, those that are present first; findings.json holds all of it.',
    ),
  );
export const isInvalidScan = z
  .exactOptional(z.boolean())
  .check(
    z.describe(
      'Qure answered 206, for an X-ray of at least one image: the scan is invalid, and the answer has no findings.',
    ),
  );
export const unreadInstances = z
  .exactOptional(z.int().check(z.minimum(1)))
  .check(
    z.describe(
      'X-rays: so many instances have no result, since Qure has not read them, refuses them or gave no answer in time; findings.json names them.',
    ),
  );
export const silence = z
  .object({
    seconds: z
      .number()
      .check(z.minimum(0), z.describe('How long no instance may come before the series is complete.')),
    reason: z.enum(WAIT_REASONS).check(z.describe('Why so long (docs/completion.md).')),
    knownSeries: count.check(z.describe('So many earlier series of the sender were known.')),
    longestSilenceSeconds: z
      .number()
      .check(z.minimum(0), z.describe('Of those, all but one in 200 were silent inside for no longer.')),
  })
  .check(z.describe('How long the series had to be silent, by what was known of its sender.'));
export const sameAsGeneration = z
  .exactOptional(z.int().check(z.minimum(1)))
  .check(z.describe('The answer equals that of this earlier generation in everything but its links.'));
export const replacedUnconfirmed = z
  .exactOptional(z.int().check(z.minimum(1)))
  .check(
    z.describe(
      'Instances sent again with other bytes, of which Qure said only that it has them: it may hold the old ones.',
    ),
  );
export const outsideIndication = z
  .exactOptional(z.array(z.string().check(z.minLength(1))))
  .check(
    z.describe(
      'Codes of what lies outside the clearances of the product: read docs/routing.md. More may come.',
    ),
  );
export const quality = z
  .exactOptional(
    z.object({
      missing: z.exactOptional(instanceNumbers).check(z.describe('Missing InstanceNumbers, the first 50.')),
      doubled: z
        .exactOptional(instanceNumbers)
        .check(z.describe('InstanceNumbers that more than one instance has.')),
      gaps: z.exactOptional(count).check(z.describe('Places where neighbours are too far apart.')),
      doubledPositions: z
        .exactOptional(count)
        .check(z.describe('Slices at a position that another one has.')),
      offPlane: z.exactOptional(count).check(z.describe('Images in another plane than the slices.')),
      mixed: z
        .exactOptional(z.array(z.enum(['matrix', 'orientation', 'kernel'])))
        .check(z.describe('What not all slices have alike.')),
      claimedInstances: z
        .exactOptional(count)
        .check(z.describe('As many as the headers claim; fewer are here.')),
    }),
  )
  .check(
    z.describe(
      'What is wrong with the series as a volume: read docs/quality.md. Absent where nothing was found.',
    ),
  );
