import type { SeriesId } from '../instances/series-id.ts';

/** `<source>/<StudyInstanceUID>/<SeriesInstanceUID>/<generation>/` in the results bucket. All parts are checked before. */
export function resultFolder(series: SeriesId & { studyInstanceUid: string; generation: number }): string {
  return `${series.source}/${series.studyInstanceUid}/${series.seriesInstanceUid}/${series.generation}/`;
}

export const RESULT_FILE = 'result.json';
export const COMPUTE_FILE = 'compute.json';
/** What the result was made of (docs/provenance.md). Not among the announced files, as `compute.json`. */
export const PROVENANCE_FILE = 'provenance.json';

/** The result of one instance of an X-ray series. */
export function instanceResultFile(sopInstanceUid: string): string {
  return `result.${sopInstanceUid}.json`;
}

/** Where an asset lies apart that is of another study or patient: below the generation's folder, and named by no row, event or answer. */
export function mismatchFile(assetFile: string): string {
  return assetFile.replace(/^files\//, 'mismatch/');
}

/** `typeSegment` is a safe key segment (`assetTypeSegment`). */
export function assetFile(typeSegment: string, index: number, sopInstanceUid?: string): string {
  return sopInstanceUid === undefined
    ? `files/${typeSegment}/${index}`
    : `files/${sopInstanceUid}/${typeSegment}/${index}`;
}
