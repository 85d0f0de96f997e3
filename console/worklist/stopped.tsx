import { useEffect } from 'preact/hooks';
import { Link } from '../shared/link.tsx';
import { poll } from '../shared/poll.ts';
import { health, loadHealth } from '../shared/sources.ts';
import { reasonInWords } from '../shared/words.ts';

const REFRESH_MS = 30_000;

/**
 * Which sources are stopped, above the list: nothing of them goes on, and not each of their studies is in sight.
 *
 * @param props.after the health is asked for
 */
export function Stopped({ after }: { after: Promise<void> }) {
  useEffect(() => poll(REFRESH_MS, (abort) => after.then(async () => void (await loadHealth(abort)))), []);
  const stopped = health.value?.sources.filter((source) => source.stopped !== undefined) ?? [];
  if (stopped.length === 0) return null;
  return (
    <p class="stopped" role="status">
      {stopped.map(({ name, stopped: reason = '' }) => (
        <span key={name}>
          <bdi>{name}</bdi> is stopped: {reasonInWords(reason)}.{' '}
        </span>
      ))}
      <Link href="/?view=operations">See Operations</Link>
    </p>
  );
}
