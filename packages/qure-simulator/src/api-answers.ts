import type { StatusBody } from './fault-rules.ts';
import { emptyReply, jsonReply, proxyPageReply, type Reply, textReply } from './reply.ts';
import type { Dialect } from './simulator-options.ts';

/** The answers of docs/qure-api.md that several calls have, with the exact texts. */

const LOGIN = {
  message: 'Invalid token header. No credentials provided.',
  next: '/accounts/login/',
  authenticated: false,
};
const NO_FILES = { success: false, message: 'No DICOM files were uploaded!' };

export function unauthorized(): Reply {
  return jsonReply(401, LOGIN);
}

export function accessDenied(dialect: Dialect): Reply {
  if (dialect.deniedBody === 'text') return textReply(403, 'Forbidden');
  return jsonReply(403, { success: false, message: 'Access denied!' });
}

export function notUploaded(dialect: Dialect, uidName: string, uid: string): Reply {
  const isOlder = dialect.successSpelling === 'sucess';
  const subject = isOlder ? 'Resource' : uidName === 'SeriesInstanceUID' ? 'Series' : 'Instance';
  return jsonReply(404, {
    [dialect.successSpelling]: false,
    message: `${subject} with ${uidName} ${uid} is not yet uploaded!`,
  });
}

export function underProcess(body: Dialect['processingBody'], uid: string): Reply {
  if (body === 'reason') return jsonReply(202, { reason: 'processing not started' });
  return jsonReply(202, {
    success: false,
    message: `Resource with UID ${uid} is under process. Please try again after some time.`,
  });
}

export function validityUndetermined(): Reply {
  return jsonReply(400, { success: false, debug_info: { reason: 'Validity not determined yet!' } });
}

export function notImplemented(dialect: Dialect, reason: string): Reply {
  if (dialect.unsupportedBody === 'text') return textReply(400, 'not implemented');
  return jsonReply(400, { success: false, debug_info: { reason } });
}

export function neverComputed(uid: string): Reply {
  return jsonReply(409, { success: false, message: `Series ${uid} was never sent for computation!` });
}

const REASONS: Readonly<Record<number, string>> = {
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** An injected status, with the body of Qure or of a proxy in front of it. */
export function injectedStatus(status: number, body: StatusBody, dialect: Dialect, uid: string): Reply {
  const reason = REASONS[status] ?? 'Error';
  if (body === 'empty') return emptyReply(status);
  if (body === 'text') return textReply(status, reason);
  if (body === 'html') return proxyPageReply(status, reason);
  if (body === 'json') return jsonReply(status, { success: false, message: reason });
  if (body === 'login') return jsonReply(status, LOGIN);
  if (body === 'no_files') return jsonReply(status, NO_FILES);
  if (status === 401) return unauthorized();
  if (status === 403) return accessDenied(dialect);
  if (status === 404) return notUploaded(dialect, 'SeriesInstanceUID', uid);
  if (status === 409) return neverComputed(uid);
  return status >= 500
    ? proxyPageReply(status, reason)
    : jsonReply(status, { success: false, message: reason });
}
