import { MAX_UID_LENGTH, UID_PATTERN } from '@qure-dropoff/dicom';
import * as z from '../../shared/schema.ts';
import {
  type FindingsDocument,
  MAX_FINDINGS,
  MAX_KEY_LENGTH,
  MAX_REPORT_TEXTS,
  MAX_TEXT_LENGTH,
} from './findings.ts';

/** `findings.json` as a schema, for `schemas/findings.schema.json`; no function of the deployment needs it. */

const usecase = z
  .exactOptional(z.string())
  .check(z.describe("The use case by Qure's answer: qer, qct, qxr, qmsk, …"));
const modelVersion = z.exactOptional(z.string()).check(z.describe("qure_model_version of Qure's answer."));
const triageStatus = z
  .exactOptional(z.enum(['critical', 'routine']))
  .check(
    z.describe(
      'qER and qCT: whether an expert has to look at once. X-rays: critical means that any abnormality was found.',
    ),
  );
const sopInstanceUid = z.string().check(z.regex(UID_PATTERN), z.maxLength(MAX_UID_LENGTH));

const finding = z.strictObject({
  key: z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(MAX_KEY_LENGTH),
      z.describe("Qure's own key. The vocabulary is open."),
    ),
  label: z.string().check(z.minLength(1), z.describe('For people: of a known key its name, else the key.')),
  present: z
    .exactOptional(z.boolean())
    .check(z.describe('Only where Qure says it; never concluded from a text or a score.')),
  score: z.exactOptional(z.number()).check(z.describe("Qure's score, as it is.")),
  text: z
    .exactOptional(z.string().check(z.maxLength(MAX_TEXT_LENGTH)))
    .check(z.describe("Qure's text of this finding.")),
  sopInstanceUid: z
    .exactOptional(sopInstanceUid)
    .check(z.describe('X-rays: the image that it was found on.')),
  codes: z
    .array(
      z.strictObject({
        system: z
          .string()
          .check(z.describe('http://snomed.info/sct for SNOMED CT, https://radelement.org for RadElement.')),
        code: z.string().check(z.minLength(1), z.describe('The code in that system.')),
        display: z.string().check(z.minLength(1), z.describe('The name of the code.')),
      }),
    )
    .check(z.describe('Codes of a known key; empty for any other.')),
});

export const findingsDocumentSchema = z
  .strictObject({
    schemaVersion: z
      .literal('1')
      .check(z.describe('Version of this shape. It changes when a reader would break.')),
    usecase,
    modelVersion,
    triageStatus,
    readFrom: z
      .enum(['result', 'asset', 'none'])
      .check(
        z.describe(
          'Where the findings stand: in the result, in the JSON asset, or in no shape that is known.',
        ),
      ),
    report: z
      .array(z.string().check(z.maxLength(MAX_TEXT_LENGTH)))
      .check(z.maxLength(MAX_REPORT_TEXTS), z.describe('Texts of the report that belong to no finding.')),
    findings: z.array(finding).check(z.maxLength(MAX_FINDINGS), z.describe('In the order of the answers.')),
    omittedFindings: z
      .exactOptional(z.int().check(z.minimum(1)))
      .check(z.describe('So many more are in the stored answer alone.')),
    omittedAssets: z
      .exactOptional(z.int().check(z.minimum(1)))
      .check(z.describe('So many JSON assets that may hold findings were too many or too large to be read.')),
    instances: z
      .exactOptional(
        z.array(
          z.strictObject({
            sopInstanceUid: sopInstanceUid.check(z.describe('SOP Instance UID (0008,0018).')),
            usecase,
            modelVersion,
            triageStatus,
            isInvalidScan: z
              .exactOptional(z.boolean())
              .check(z.describe('Qure calls it no valid scan (206); nothing of its answer is a finding.')),
            unread: z
              .exactOptional(z.enum(['not_implemented', 'unsupported_scan', 'no_answer']))
              .check(
                z.describe(
                  'The image has no result: Qure has not read it (not_implemented), refuses it, or gave no answer in time.',
                ),
              ),
          }),
        ),
      )
      .check(z.describe('X-rays: each instance that Qure answered.')),
  })
  .check(
    z.describe("What Qure found, in one shape for every product: findings.json beside Qure's own answer."),
  );

/** The compiler holds the two together. */
findingsDocumentSchema satisfies z.ZodMiniType<FindingsDocument>;
