import dicomParser from 'dicom-parser';

/** The identity comes before the pixels; more is not read. */
const HEAD_BYTES = 64 * 1024;
const SOP_INSTANCE_UID = 'x00080018';
const SERIES_INSTANCE_UID = 'x0020000e';

/** The instance in a file, as one text; undefined where it cannot be told here (in gzip, deflated, without a preamble, damaged). */
export async function instanceOf(file: Blob): Promise<string | undefined> {
  try {
    const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
    const data = dicomParser.parseDicom(head, { untilTag: SERIES_INSTANCE_UID });
    const uids = [data.string(SERIES_INSTANCE_UID), data.string(SOP_INSTANCE_UID)];
    return uids.every((uid) => uid !== undefined && uid !== '') ? uids.join('\n') : undefined;
  } catch {
    // The library throws texts and objects of its own.
    return undefined;
  }
}
