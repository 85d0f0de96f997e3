import { MAX_UID_LENGTH, UID_PATTERN } from '@qure-dropoff/dicom';
import * as z from 'zod';
import {
  type FindingsDocument,
  MAX_FINDINGS,
  MAX_KEY_LENGTH,
  MAX_REPORT_TEXTS,
  MAX_TEXT_LENGTH,
} from './findings.ts';

/** `findings.json` as a schema, for `schemas/findings.schema.json`; no function of the deployment needs it. */

const usecase = z.string().exactOptional().describe("The use case by Qure's answer: qer, qct, qxr, qmsk, …");
const modelVersion = z.string().exactOptional().describe("qure_model_version of Qure's answer.");
const triageStatus = z
  .enum(['critical', 'routine'])
  .exactOptional()
  .describe(
    'qER and qCT: whether an expert has to look at once. X-rays: critical means that any abnormality was found.',
  );
const sopInstanceUid = z.string().regex(UID_PATTERN).max(MAX_UID_LENGTH);

const finding = z.strictObject({
  key: z.string().min(1).max(MAX_KEY_LENGTH).describe("Qure's own key. The vocabulary is open."),
  label: z.string().min(1).describe('For people: of a known key its name, else the key.'),
  present: z
    .boolean()
    .exactOptional()
    .describe('Only where Qure says it; never concluded from a text or a score.'),
  score: z.number().exactOptional().describe("Qure's score, as it is."),
  text: z.string().max(MAX_TEXT_LENGTH).exactOptional().describe("Qure's text of this finding."),
  sopInstanceUid: sopInstanceUid.exactOptional().describe('X-rays: the image that it was found on.'),
  codes: z
    .array(
      z.strictObject({
        system: z
          .string()
          .describe('http://snomed.info/sct for SNOMED CT, https://radelement.org for RadElement.'),
        code: z.string().min(1).describe('The code in that system.'),
        display: z.string().min(1).describe('The name of the code.'),
      }),
    )
    .describe('Codes of a known key; empty for any other.'),
});

export const findingsDocumentSchema = z
  .strictObject({
    schemaVersion: z.literal('1').describe('Version of this shape. It changes when a reader would break.'),
    usecase,
    modelVersion,
    triageStatus,
    readFrom: z
      .enum(['result', 'asset', 'none'])
      .describe('Where the findings stand: in the result, in the JSON asset, or in no shape that is known.'),
    report: z
      .array(z.string().max(MAX_TEXT_LENGTH))
      .max(MAX_REPORT_TEXTS)
      .describe('Texts of the report that belong to no finding.'),
    findings: z.array(finding).max(MAX_FINDINGS).describe('In the order of the answers.'),
    omittedFindings: z.int().min(1).exactOptional().describe('So many more are in the stored answer alone.'),
    instances: z
      .array(
        z.strictObject({
          sopInstanceUid: sopInstanceUid.describe('SOP Instance UID (0008,0018).'),
          usecase,
          modelVersion,
          triageStatus,
          isInvalidScan: z
            .boolean()
            .exactOptional()
            .describe('Qure calls it no valid scan (206); nothing of its answer is a finding.'),
          unread: z
            .enum(['not_implemented', 'unsupported_scan'])
            .exactOptional()
            .describe('The image has no result: Qure has not read it (not_implemented), or refuses it.'),
        }),
      )
      .exactOptional()
      .describe('X-rays: each instance that Qure answered.'),
  })
  .describe("What Qure found, in one shape for every product: findings.json beside Qure's own answer.");

/** The compiler holds the two together. */
findingsDocumentSchema satisfies z.ZodType<FindingsDocument>;
