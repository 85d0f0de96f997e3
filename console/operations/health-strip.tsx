import type { Answer } from '../shared/api.ts';
import { plural } from '../shared/format.ts';
import { loadHealth } from '../shared/sources.ts';
import { TroubleOf } from '../shared/trouble.tsx';
import { useAnswer } from '../shared/use-answer.ts';

const REFRESH_MS = 10_000;

export function HealthStrip() {
  const asked = useAnswer(REFRESH_MS, loadHealth);
  return (
    <>
      <TroubleOf asked={asked} />
      {asked.answer.value !== undefined && <Strip health={asked.answer.value} />}
    </>
  );
}

function Strip({
  health: { status, version, sources, misconfiguredPrefixes },
}: {
  health: Answer<'Health'>;
}) {
  const stopped = sources.filter((source) => source.stopped !== undefined).length;
  const isOk = status === 'ok';
  return (
    <div class={`health ${isOk ? 'is-ok' : 'is-degraded'}`}>
      <p>
        <strong>{isOk ? 'Healthy' : 'Degraded'}</strong>
        <span>{plural(sources.length, 'source')}</span>
        <span>{stopped === 0 ? 'none stopped' : `${stopped} stopped`}</span>
        <span>version {version}</span>
      </p>
      {misconfiguredPrefixes.length > 0 && (
        <p>
          The parameters of these prefixes have mistakes, and what is dropped there waits:{' '}
          <bdi class="breakable">{misconfiguredPrefixes.join(', ')}</bdi>
        </p>
      )}
    </div>
  );
}
