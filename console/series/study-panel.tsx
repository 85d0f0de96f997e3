import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type Answer, get, troubleOf } from '../shared/api.ts';
import { plural } from '../shared/format.ts';
import { Link } from '../shared/link.tsx';
import { poll } from '../shared/poll.ts';
import { hrefWith, place } from '../shared/router.ts';
import { TriageMark } from '../shared/triage-mark.tsx';
import { reasonInWords } from '../shared/words.ts';
import { SeriesDetail } from './series-detail.tsx';
import { examinationOf, stateInWords } from './words.ts';

interface StudyPanelProps {
  /** `<source>/<StudyInstanceUID>` */
  id: string;
  onClose(): void;
}

type Series = Answer<'Series'>;

const REFRESH_MS = 3_000;
/** Of 200 series each, as the server makes them of one study. */
const MAX_PAGES = 10;
/** In the URL: which series is shown. */
const SERIES = 'series';

/** A study and one of its series; at first the one that a person most likely wants. */
export function StudyPanel({ id, onClose }: StudyPanelProps) {
  const at = id.lastIndexOf('/');
  const [source, study] = [id.slice(0, at), id.slice(at + 1)];
  const all = useSignal<Series[] | undefined>(undefined);
  const hasMore = useSignal(false);
  /** The series that is shown until the person chooses. */
  const first = useSignal('');
  const trouble = useSignal('');
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  useEffect(
    () =>
      poll(REFRESH_MS, async (signal) => {
        try {
          const read = await seriesOf(study, source, signal);
          all.value = read.items;
          hasMore.value = read.hasMore;
          // The first choice stays: another one would change what a person reads, and close a dialog that is open.
          if (first.value === '') first.value = ranked(read.items)[0]?.seriesInstanceUid ?? '';
          trouble.value = '';
        } catch (error) {
          trouble.value = troubleOf(error);
          throw error;
        }
      }),
    [source, study],
  );
  const series = ranked(all.value ?? []);
  const withUid = (wanted: string | null) => series.find(({ seriesInstanceUid: uid }) => uid === wanted);
  const chosen = withUid(place.value.get(SERIES)) ?? withUid(first.value) ?? series[0];
  const accession = series.find(({ accessionNumber }) => accessionNumber !== undefined)?.accessionNumber;
  return (
    <aside class="panel" aria-labelledby="panel-title">
      <header>
        <div>
          <h2 id="panel-title" ref={title} tabIndex={-1}>
            {accession === undefined ? titleWithout(all.value) : <bdi>{accession}</bdi>}
          </h2>
          <p class="quiet">
            {source} · <span class="uid">{study}</span>
          </p>
        </div>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </header>
      {trouble.value !== '' && (
        <p class="trouble" role="alert">
          {trouble.value}
        </p>
      )}
      {all.value?.length === 0 && <p class="note">This source has no series of this study.</p>}
      {series.length > 1 && (
        <nav class="series-list" aria-label="Series of the study">
          {series.map((one) => (
            <Link
              key={one.seriesInstanceUid}
              href={hrefWith({ [SERIES]: one.seriesInstanceUid })}
              aria-current={one === chosen ? 'true' : undefined}
            >
              {examinationOf(one)} <span class="quiet">{aboutSeries(one)}</span>{' '}
              <TriageMark triage={one.triage} />
            </Link>
          ))}
        </nav>
      )}
      {hasMore.value && <p class="note">The study has more series than are listed here.</p>}
      {chosen !== undefined && (
        <SeriesDetail
          key={chosen.seriesInstanceUid}
          source={chosen.source}
          uid={chosen.seriesInstanceUid}
          version={`${chosen.state} ${chosen.generation} ${chosen.changedAt} ${chosen.heldBack?.since}`}
        />
      )}
    </aside>
  );
}

/** Before the first answer nothing is known of the study. */
function titleWithout(series: readonly Series[] | undefined): string {
  if (series === undefined) return 'Study';
  return series.length === 0 ? 'Study not found' : 'Study without accession number';
}

/** What tells it from the others of its study. */
function aboutSeries({ state, reason, instances, isSimulated }: Series): string {
  const why = state === 'SKIPPED' && reason !== undefined ? `: ${reasonInWords(reason)}` : '';
  const mark = isSimulated ? ', simulated' : '';
  return `${stateInWords(state)}${why}${mark}, ${plural(instances, 'image')}`;
}

async function seriesOf(study: string, source: string, signal: AbortSignal) {
  const items: Series[] = [];
  let cursor: string | undefined;
  for (let at = 0; at < MAX_PAGES; at += 1) {
    const page = await get('SeriesPage', '/v1/series', { study, source, cursor }, signal);
    items.push(...page.items);
    cursor = page.cursor;
    if (cursor === undefined) break;
  }
  return { items, hasMore: cursor !== undefined };
}

function ranked(series: readonly Series[]): Series[] {
  return series.toSorted((one, other) => rankOf(one) - rankOf(other));
}

/** What is critical first, also while it is computed again; then what was found, what failed or is under way, last what was left out. */
function rankOf({ state, triage }: Series): number {
  if (triage === 'critical') return 0;
  if (state === 'DONE') return 1;
  return state === 'FAILED' || state === 'UNSUPPORTED' ? 2 : state === 'SKIPPED' ? 4 : 3;
}
