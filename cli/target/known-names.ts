import * as z from '../../functions/shared/schema.ts';
import { UsageError } from '../../local/options/usage-error.ts';
import { nearestName } from '../frame/nearest-name.ts';
import type { CallApi } from './call-api.ts';

const health = z.object({ sources: z.array(z.object({ name: z.string() })) });

/** The sources of the deployment, of which the caller may read. */
export async function sourcesOf(call: CallApi): Promise<{ name: string }[]> {
  return health.parse(await call({ method: 'GET', path: '/v1/health' })).sources;
}

/**
 * For a command that found nothing, or was refused: a name that is not known is a mistake of the command line. It is not asked
 * before, since a source that was taken out of the document still has its series.
 *
 * @throws UsageError with the known names
 */
export function refuseUnknown(option: string, typed: string | undefined, known: readonly string[]): void {
  if (typed === undefined || known.includes(typed)) return;
  const nearest = nearestName(typed, known);
  const advice = nearest === undefined ? '' : `: did you mean ${nearest}?`;
  throw new UsageError([
    `--${option}: expected one of ${known.join(', ')}, got ${JSON.stringify(typed)}${advice}`,
  ]);
}

/** As `refuseUnknown`; nothing where the deployment does not tell its sources. */
export async function refuseUnknownSource(call: CallApi, typed: string | undefined): Promise<void> {
  if (typed === undefined) return;
  const sources = await sourcesOf(call).catch(() => undefined);
  if (sources !== undefined)
    refuseUnknown(
      'source',
      typed,
      sources.map(({ name }) => name),
    );
}
