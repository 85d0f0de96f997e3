import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Answer, get } from '../shared/api.ts';
import { Link } from '../shared/link.tsx';
import { poll } from '../shared/poll.ts';
import { hrefWith, place } from '../shared/router.ts';
import { STAGES } from './filters.ts';

const REFRESH_MS = 10_000;

/**
 * How many series are in each stage; each is a filter.
 *
 * @param props.after they are counted first
 */
export function StageStrip({ after }: { after: Promise<void> }) {
  const source = place.value.get('source') ?? '';
  const counts = useSignal<Answer<'SeriesCounts'>['counts']>([]);
  useEffect(
    () =>
      poll(REFRESH_MS, async (signal) => {
        await after;
        const query = source === '' ? {} : { source };
        counts.value = (await get('SeriesCounts', '/v1/series/counts', query, signal)).counts;
      }),
    [source],
  );
  const chosen = place.value.get('stage') ?? '';
  return (
    <nav class="stages" aria-label="Series by stage">
      <small>Series</small>
      {STAGES.map(({ name, title, states }) => {
        const of = counts.value.filter(({ state }) => states.some((one) => one === state));
        const count = of.reduce((sum, one) => sum + one.count, 0);
        const isComplete = of.every((one) => one.isComplete);
        const isChosen = chosen === name;
        return (
          <Link
            key={name}
            class={`stage stage-${name} ${count === 0 ? 'none' : ''}`}
            href={hrefWith({ stage: isChosen ? undefined : name })}
            aria-current={isChosen ? 'true' : undefined}
          >
            <span>{title}</span>{' '}
            <b>{of.length === 0 ? '–' : `${count.toLocaleString()}${isComplete ? '' : '+'}`}</b>
          </Link>
        );
      })}
    </nav>
  );
}
