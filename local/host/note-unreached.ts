import { failureCauseOf } from '../../functions/qure/client/failure-cause.ts';
import type { LocalSource } from './local-sources.ts';

const TIMEOUT_MS = 10_000;

/** Asks a server for its head without credentials. @throws the system's error if nothing answers */
export type AskHead = (url: string) => Promise<unknown>;

export const askHead: AskHead = (url) =>
  fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });

/**
 * Says at the start which Qure does not answer: a series that waits for it says so only at its deadline. Any answer is one.
 * A source with a proxy or certificates of its own is left out, because this request has neither.
 */
export async function noteUnreached(
  sources: readonly LocalSource[],
  env: Readonly<Record<string, string | undefined>>,
  note: (line: string) => void,
  ask: AskHead = askHead,
): Promise<void> {
  if ((env['HTTPS_PROXY'] ?? '') !== '') return;
  const direct = sources.filter(
    ({ source: { network = {} }, caPem }) => network.proxyUrl === undefined && caPem === undefined,
  );
  const urls = new Set(direct.map(({ credentials }) => credentials.baseUrl));
  await Promise.all(
    [...urls].map(async (url) => {
      try {
        await ask(url);
      } catch (error) {
        const code = failureCauseOf(error) ?? 'no answer';
        note(
          `Qure:     ${url} does not answer (${code}): series wait until their deadline, then fail. Check the base URL and this network.`,
        );
      }
    }),
  );
}
