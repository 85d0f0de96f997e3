import { randomBytes } from 'node:crypto';
import type { QureAnswer } from '../../functions/qure/answer.ts';
import { field, jsonObjectOf } from '../../functions/qure/answer-body.ts';
import type { Misconfigured } from '../../functions/qure/client/exchange.ts';
import type { QureCredentials } from '../../functions/qure/credentials.ts';
import type { ProxyEnvironment } from '../../functions/qure/network.ts';
import { reasonsIn } from '../../functions/qure/qure-voice.ts';
import { type ResultsAnswer, readResultsAnswer } from '../../functions/qure/results-answer.ts';
import { USER_AGENT } from '../../functions/shared/version.ts';
import { type Finding, ok, problem, warning } from '../preflight/finding.ts';

/** `not_qure`: the status is one that Qure documents, and the body is not. */
export type TokenOutcome = ResultsAnswer | Misconfigured | { kind: 'not_qure'; httpStatus: number };

/** Asks Qure for the results of a random series UID: nothing is uploaded, and no scan is named. */
export type AskResults = (credentials: QureCredentials, uid: string) => Promise<TokenOutcome>;

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

/** The way that the functions ask, with the source's proxy and certificates. */
export function createAskResults(proxyEnvironment: ProxyEnvironment = {}): AskResults {
  return async (credentials, uid) => {
    const { createConnections } = await import('../../functions/qure/client/connections.ts');
    const { exchange } = await import('../../functions/qure/client/exchange.ts');
    const now = () => new Date();
    const { toQure, allowsLoopback, close } = createConnections({
      connectTimeoutMs: TIMEOUT_MS,
      proxyEnvironment,
      now,
    });
    const transport = {
      toQure,
      allowsLoopback,
      userAgent: USER_AGENT,
      headersTimeoutMs: TIMEOUT_MS,
      bodyTimeoutMs: TIMEOUT_MS,
      now,
    };
    try {
      const path = `/results/${uid}`;
      const exchanged = await exchange(transport, credentials, {
        method: 'GET',
        path,
        maxAnswerBytes: MAX_ANSWER_BYTES,
      });
      return exchanged.kind === 'answer' ? readTokenAnswer(exchanged.answer) : exchanged;
    } finally {
      close();
    }
  };
}

/**
 * The functions read the status alone, as Qure documents. Any web server has a 404 for the path, so that here the body has to
 * speak as Qure does.
 */
export function readTokenAnswer(answer: QureAnswer): TokenOutcome {
  const read = readResultsAnswer(answer);
  const isRead = read.kind === 'not_uploaded' || read.kind === 'not_computed' || read.kind === 'processing';
  return isRead && !speaksAsQure(answer.bodyText) ? { kind: 'not_qure', httpStatus: answer.status } : read;
}

function speaksAsQure(bodyText: string): boolean {
  const body = jsonObjectOf(bodyText);
  // Qure's own examples have both spellings.
  if (['success', 'sucess'].some((name) => typeof field(body, name) === 'boolean')) return true;
  return reasonsIn(bodyText).some((text) =>
    /\bnot (?:yet )?uploaded\b|\bunder process\b|\bprocessing not started\b|\bSeriesInstanceUID\b/i.test(
      text,
    ),
  );
}

/** Whether Qure accepts the token and the workspace of a source: its answer for an unknown series says so. */
export async function judgeToken(
  source: string,
  credentials: QureCredentials,
  ask: AskResults,
): Promise<Finding> {
  const check = `qure-${source}`;
  // 2.25: a UID of a random number, which anybody may make (DICOM PS3.5 annex B.2).
  const uid = `2.25.${BigInt(`0x${randomBytes(15).toString('hex')}`)}`;
  const outcome = await ask(credentials, uid).catch(
    (): TokenOutcome => ({ kind: 'transient', cause: 'no client' }),
  );
  switch (outcome.kind) {
    case 'auth_rejected':
      return problem(
        check,
        'Qure does not know the token (401)',
        'Ask Qure for a valid token of this environment, store it without the word Token, then retry what FAILED.',
      );
    case 'source_denied':
      return problem(
        check,
        'Qure denies the workspace (403): the token is known, the Source is not its own',
        "Correct `source` of the credentials: it is the workspace that Qure issued, not the name of the pipeline's source.",
      );
    case 'redirected':
      return problem(check, outcome.detail, 'Use the base URL that Qure issued, without a path of its own.');
    case 'misconfigured':
      return problem(check, outcome.detail, 'Correct the credentials or the network of the source.');
    case 'transient':
      return judgeCause(check, outcome.cause);
    case 'unexpected':
      return warning(
        check,
        `Qure answered ${outcome.httpStatus}, which says nothing of the token`,
        'Check the base URL: another program may answer there.',
      );
    case 'not_qure':
      return warning(
        check,
        `a server answers ${outcome.httpStatus}, but not as Qure does: nothing is known of the token`,
        'Check the base URL: host and path as Qure issued them.',
      );
    default:
      return ok(check, 'Qure accepts the token and the workspace');
  }
}

const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/;

function judgeCause(check: string, cause: string): Finding {
  const said = `Qure was not reached: ${cause}`;
  if (cause === 'ENOTFOUND' || cause === 'EAI_AGAIN')
    return problem(check, said, 'Check the host of the base URL, and the DNS of this network.');
  if (cause.startsWith('proxy_'))
    return problem(
      check,
      said,
      'The proxy refuses: correct its address or password, and allow the host of Qure.',
    );
  if (UNTRUSTED.test(cause))
    return problem(
      check,
      said,
      'A private authority or a proxy issued the certificate: set network.caSecretName, or network.caFile on one machine (docs/on-premises.md).',
    );
  if (/^http_(?:5\d\d|429)$/.test(cause))
    return warning(check, `Qure answers ${cause.slice(5)}: it is down or busy`, 'Wait, then run it again.');
  if (cause === 'html_page' || cause === 'undocumented_body')
    return problem(
      check,
      `a server answered, but not as Qure does: ${cause === 'html_page' ? 'with a web page' : 'with another body'}`,
      'Check the base URL; a proxy may be in the way.',
    );
  if (cause === 'no client')
    return warning(
      check,
      'not checked: the client of Qure needs Node.js 22.15',
      'Run it with a newer Node.js.',
    );
  return problem(
    check,
    said,
    'Allow outgoing TLS to this host and port, or set network.proxyUrl; ask Qure whether it allows only known addresses.',
  );
}
