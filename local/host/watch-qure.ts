import { setTimeout as sleep } from 'node:timers/promises';
import { failureCauseOf } from '../../functions/qure/client/failure-cause.ts';
import type { LocalSource } from './local-sources.ts';

const TIMEOUT_MS = 10_000;
/** Far below any deadline, and one request without a body. */
const INTERVAL_MS = 30_000;
/** Qure itself is not there: a gateway in front of it answers (RFC 9110 section 15.6). */
const GATEWAY_ERRORS = [502, 503, 504];

/** Asks a server for its head without credentials. @throws the system's error if nothing answers */
export type AskHead = (url: string) => Promise<{ status: number }>;

export const askHead: AskHead = (url) =>
  fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });

export interface QureWatch {
  sources: readonly Pick<LocalSource, 'source' | 'credentials' | 'caPem'>[];
  env: Readonly<Record<string, string | undefined>>;
  note(line: string): void;
  /** Whether a series is at Qure: only then is Qure asked again. */
  isAtQure(): boolean;
  signal: AbortSignal;
  ask?: AskHead;
  /** Waits between two looks. */
  pause?(signal: AbortSignal): Promise<void>;
}

/**
 * Says at the start, and at each change while a series is at Qure, which Qure does not answer: a series that waits for
 * it says so only at its deadline. A source with a proxy or certificates of its own is left out, because this request
 * has neither. Ends with the signal.
 */
export async function watchQure(watch: QureWatch): Promise<void> {
  const { sources, env, note, isAtQure, signal, ask = askHead, pause = nextLook } = watch;
  if ((env['HTTPS_PROXY'] ?? '') !== '') return;
  const direct = sources.filter(
    ({ source: { network = {} }, caPem }) => network.proxyUrl === undefined && caPem === undefined,
  );
  const urls = [...new Set(direct.map(({ credentials }) => credentials.baseUrl))];
  const unanswered = new Set<string>();
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    if (isFirst || isAtQure() || unanswered.size > 0) await Promise.all(urls.map(look));
    await pause(signal);
  }

  async function look(url: string): Promise<void> {
    const failure = await failureOf(url, ask);
    if (signal.aborted || unanswered.has(url) === (failure !== undefined)) return;
    if (failure === undefined) {
      unanswered.delete(url);
      note(`Qure:     ${url} answers again.`);
    } else {
      unanswered.add(url);
      note(
        `Qure:     ${url} does not answer (${failure}): series wait until their deadline, then fail. Check the base URL and this network.`,
      );
    }
  }
}

async function failureOf(url: string, ask: AskHead): Promise<string | undefined> {
  try {
    const { status } = await ask(url);
    return GATEWAY_ERRORS.includes(status) ? `status ${status}` : undefined;
  } catch (error) {
    return failureCauseOf(error) ?? 'no answer';
  }
}

async function nextLook(signal: AbortSignal): Promise<void> {
  await sleep(INTERVAL_MS, undefined, { signal, ref: false }).catch(() => {});
}
