import type { IncomingMessage } from 'node:http';
import type { ScanHeader } from './data-set-reader.ts';
import type { Fault } from './fault-rules.ts';
import type { HandledCall } from './handled-call.ts';

import { jsonReply } from './reply.ts';
import { malformed } from './request-rules.ts';
import { judgeScan } from './scan-verdict.ts';
import type { SimulatorContext } from './simulator-context.ts';
import { MultipartError, readUploadedParts, type UploadedPart } from './uploaded-parts.ts';

interface PartMessage {
  message: string;
  created: boolean;
  license_expired: boolean;
  metadata: Record<string, never>;
}

/**
 * `POST /studies/`: registers the DICOM files of the request. Nothing is registered before the end of the body, so a
 * truncated upload has no effect.
 */
export async function handleUpload(
  request: IncomingMessage,
  context: SimulatorContext,
  fault: Fault | undefined,
): Promise<HandledCall> {
  let parts: UploadedPart[];
  try {
    parts = await readUploadedParts(request);
  } catch (error) {
    if (!(error instanceof MultipartError)) throw error;
    const { reply, reason } = malformed(`Nothing uploaded: ${error.message}`);
    return { reply, note: { refusal: reason } };
  }
  return register(parts, context, fault);
}

function register(parts: UploadedPart[], context: SimulatorContext, fault: Fault | undefined): HandledCall {
  const messages: Record<string, PartMessage> = {};
  const touched = new Set<string>();
  let created = 0;
  let refusedByFault = fault?.kind === 'unregistered_part' ? fault.parts : 0;
  let droppedByFault = fault?.kind === 'dropped_instance' ? fault.parts : 0;
  const tell = (part: UploadedPart, message: string, isCreated: boolean, isExpired = false) => {
    messages[part.fieldName] = { message, created: isCreated, license_expired: isExpired, metadata: {} };
  };
  for (const part of parts) {
    const { header, refusal } = part.file;
    if (header === undefined) tell(part, `DICOM not registered. ${refusal}`, false);
    else if (fault?.kind === 'license_expired')
      tell(part, 'DICOM not registered. License expired.', false, true);
    else if (refusedByFault-- > 0) tell(part, 'DICOM not registered. Internal error.', false);
    else {
      const isDropped = droppedByFault-- > 0;
      const isKept = fault?.kind === 'kept_content' && isHeld(context, header);
      const isNew = !isKept && (isDropped || hold(context, header, part));
      if (isNew) created += 1;
      touched.add(header.seriesInstanceUid);
      tell(part, 'DICOM registered successfully.', isNew);
    }
  }
  const registered = Object.values(messages).filter((m) => m.message.startsWith('DICOM registered')).length;
  const sizeBytes = parts.reduce((sum, part) => sum + part.file.sizeBytes, 0);
  const note = { counts: { parts: parts.length, registered, created, sizeBytes } };
  if (registered === 0 && fault?.kind !== 'license_expired' && fault?.kind !== 'unregistered_part') {
    const body = { message: 'Nothing uploaded', status: 'failure', messages };
    return { reply: jsonReply(400, body), note: { ...note, refusal: 'no part was registered' } };
  }
  const lag = fault?.kind === 'lagging_receipt' ? fault.instances : 0;
  const receipt = {
    message: 'Success',
    status: 'success',
    messages,
    series_instance_uids: [...touched],
    detailed_info: [...touched].map((uid) => ({
      SeriesInstanceUID: uid,
      NumberOfSeriesRelatedInstances: Math.max(0, (context.state.series.get(uid)?.instances.size ?? 0) - lag),
    })),
  };
  const { detailed_info: _, ...withoutReceipt } = receipt;
  return { reply: jsonReply(200, fault?.kind === 'missing_detailed_info' ? withoutReceipt : receipt), note };
}

function isHeld({ state }: SimulatorContext, { seriesInstanceUid, sopInstanceUid }: ScanHeader): boolean {
  return state.series.get(seriesInstanceUid)?.instances.has(sopInstanceUid) === true;
}

function hold(context: SimulatorContext, header: ScanHeader, part: UploadedPart): boolean {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, modality } = header;
  const { sha256, sizeBytes } = part.file;
  return context.state.register({
    studyInstanceUid,
    seriesInstanceUid,
    sopInstanceUid,
    modality,
    verdict: judgeScan(header),
    sha256,
    sizeBytes,
    registeredAtMs: context.nowMs(),
  });
}
