import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { GuardRules } from '@qure-dropoff/network-guard';
import { guardHandler } from '@qure-dropoff/network-guard';
import { makeAsset } from './assets/simulated-asset.ts';
import { deliver, resetConnection, seenStatus, spoil } from './delivery.ts';
import { earlyReply } from './early-faults.ts';
import type { Fault } from './fault-rules.ts';
import type { HandledCall } from './handled-call.ts';
import { type Reply, xmlReply } from './reply.ts';
import { seriesVerdict } from './results-handler.ts';
import { findingsInAsset } from './simulated-findings.ts';
import type { SimulatorContext } from './simulator-context.ts';

const ASSET_PATH = /^\/simulated-results\/([^/]+)\/([^/]+)\/([^/]+)\/([^/]+)\/(\d+)\.[a-z]+$/;

/** A download has no body. */
const GUARD: GuardRules = { maxBodyBytes: 64 * 1024, body: 'streamed' };

/** The object storage where Qure keeps the files of its results: another origin, with S3's answers. */
export function createAssetServer(context: SimulatorContext): Server {
  return createServer(
    guardHandler(GUARD, (request, response) =>
      serve(context, request, response).catch(() => resetConnection(request)),
    ),
  );
}

async function serve(
  context: SimulatorContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // Split by hand: `URL` would resolve the dots of a hostile asset type.
  const [path = '/', query = ''] = (request.url ?? '/').split('?');
  const refused = refuse(context, request, path, query);
  const fault = refused === null ? context.faults.next('asset', path) : undefined;
  const early = refused === null ? earlyReply(request, context, fault, '') : null;
  const { reply, note } = refused ?? { reply: early ?? assetReply(context, path, fault), note: {} };
  context.journal.add({
    at: new Date(context.nowMs()).toISOString(),
    stage: 'asset',
    method: request.method ?? '',
    path,
    ...note,
    status: seenStatus(reply, fault),
    ...(fault === undefined ? {} : { fault: fault.kind }),
  });
  await deliver(request, response, spoil(reply, fault), fault);
}

/**
 * `null` if the request is valid. Credentials of the API must never be sent here; S3 also refuses a second kind of
 * credentials.
 */
function refuse(
  context: SimulatorContext,
  request: IncomingMessage,
  path: string,
  query: string,
): HandledCall | null {
  const { authorization, source } = request.headers;
  if (authorization !== undefined || source !== undefined) {
    const name = authorization === undefined ? 'Source' : 'Authorization';
    const message = 'Only one auth mechanism allowed';
    return {
      reply: xmlReply(400, 'InvalidArgument', message),
      note: { refusal: `${name} was sent to the asset host` },
    };
  }
  if (request.method !== 'GET') {
    const reply = xmlReply(
      405,
      'MethodNotAllowed',
      'The specified method is not allowed against this resource.',
    );
    return { reply, note: { refusal: 'the method is not GET' } };
  }
  const signature = context.signer.check(path, new URLSearchParams(query));
  if (signature === 'expired') {
    return {
      reply: xmlReply(403, 'AccessDenied', 'Request has expired'),
      note: { refusal: 'the URL has expired' },
    };
  }
  if (signature === 'mismatch') {
    const message = 'The request signature we calculated does not match the signature you provided.';
    return {
      reply: xmlReply(403, 'SignatureDoesNotMatch', message),
      note: { refusal: 'the signature is missing or wrong' },
    };
  }
  return null;
}

function assetReply(context: SimulatorContext, path: string, fault: Fault | undefined): Reply {
  const match = ASSET_PATH.exec(path);
  if (match === null) return xmlReply(404, 'NoSuchKey', 'The specified key does not exist.');
  const [usecase = '', studyInstanceUid = '', uid = '', type = ''] = match.slice(1).map(decodeURIComponent);
  const foreign = fault?.kind === 'foreign_asset' ? { foreign: fault.of } : {};
  const series = context.state.series.get(uid);
  const findings =
    series === undefined ? {} : findingsInAsset({ uid, verdict: seriesVerdict(series) }, context.dialect);
  const index = Number(match[5]);
  const asset = makeAsset({ usecase, studyInstanceUid, uid, type, index, findings, ...foreign });
  return { status: 200, body: asset.bytes, contentType: asset.contentType };
}
