import { drawBanner } from './banner-bitmap.ts';
import { encodePdf } from './pdf.ts';
import { encodePng } from './png.ts';
import { derivedUid, encodeSecondaryCapture } from './secondary-capture.ts';

export interface AssetFacts {
  usecase: string;
  studyInstanceUid: string;
  /** The series, or for an X-ray the SOP instance, whose result this is. */
  uid: string;
  /** As in `result.files`, for example `pdf`. */
  type: string;
  index: number;
  /** The DICOM file belongs to another one. */
  foreign?: 'study' | 'patient';
  /** Further content of the JSON file. */
  findings?: Record<string, unknown>;
}

export interface Asset {
  contentType: string;
  bytes: Buffer;
}

/** Makes the file of a URL of `result.files`. Equal facts give equal bytes; each file is marked as simulated. */
export function makeAsset(facts: AssetFacts): Asset {
  if (facts.type.endsWith('pdf')) return { contentType: 'application/pdf', bytes: pdfOf(facts) };
  if (facts.type.endsWith('thumbnail') || facts.type.endsWith('png')) {
    return { contentType: 'image/png', bytes: encodePng(drawBanner()) };
  }
  if (facts.type === 'sc') return { contentType: 'application/dicom', bytes: captureOf(facts) };
  return { contentType: 'application/json', bytes: jsonOf(facts) };
}

function pdfOf(facts: AssetFacts): Buffer {
  return encodePdf([
    'SIMULATED RESULT, NOT FOR CLINICAL USE',
    `Product ${facts.usecase}`,
    'Made by the qure-dropoff simulator for:',
    facts.uid,
  ]);
}

function captureOf(facts: AssetFacts): Buffer {
  return encodeSecondaryCapture(drawBanner(), {
    studyInstanceUid:
      facts.foreign === 'study' ? derivedUid(`not ${facts.studyInstanceUid}`) : facts.studyInstanceUid,
    // The simulator stores no patient data.
    patientId: facts.foreign === 'patient' ? 'SOMEBODY ELSE' : '',
    identity: `${facts.usecase} ${facts.uid} ${facts.type}`,
    seriesDescription: `${facts.usecase} SIMULATED RESULT`,
    instanceNumber: facts.index + 1,
  });
}

function jsonOf(facts: AssetFacts): Buffer {
  const { usecase, uid, findings } = facts;
  const notice = 'SIMULATED RESULT, NOT FOR CLINICAL USE';
  return Buffer.from(JSON.stringify({ notice, usecase, uid, ...findings }));
}
