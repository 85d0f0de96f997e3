import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type Answer, get, messageOf } from '../shared/api.ts';
import { dateTime } from '../shared/format.ts';
import { poll } from '../shared/poll.ts';
import { reasonInWords, waitInWords } from '../shared/words.ts';

interface StudyPanelProps {
  /** `<source>/<StudyInstanceUID>` */
  id: string;
  onClose(): void;
}

const REFRESH_MS = 3_000;

/** The series of a study, and why each is where it is. */
export function StudyPanel({ id, onClose }: StudyPanelProps) {
  const at = id.lastIndexOf('/');
  const [source, study] = [id.slice(0, at), id.slice(at + 1)];
  const series = useSignal<Answer<'Series'>[] | undefined>(undefined);
  const trouble = useSignal('');
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  useEffect(
    () =>
      poll(REFRESH_MS, async (signal) => {
        try {
          series.value = (await get('SeriesPage', '/v1/series', { study, source }, signal)).items;
          trouble.value = '';
        } catch (error) {
          trouble.value = messageOf(error);
          throw error;
        }
      }),
    [source, study],
  );
  const accession = series.value?.find(
    ({ accessionNumber }) => accessionNumber !== undefined,
  )?.accessionNumber;
  return (
    <aside class="panel" aria-labelledby="panel-title">
      <header>
        <h2 id="panel-title" ref={title} tabIndex={-1}>
          {accession === undefined ? 'Study' : <bdi>{accession}</bdi>}
        </h2>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </header>
      <p class="quiet">
        {source} · <span class="uid">{study}</span>
      </p>
      {trouble.value !== '' && (
        <p class="trouble" role="alert">
          {trouble.value}
        </p>
      )}
      {series.value?.map((one) => (
        <SeriesSummary key={one.seriesInstanceUid} series={one} />
      ))}
    </aside>
  );
}

function SeriesSummary({ series }: { series: Answer<'Series'> }) {
  const { heldBack, reason, detail, modality, product, instances, state, changedAt, seriesInstanceUid } =
    series;
  return (
    <article class="series">
      <h3>{[modality, product, state].filter((text) => text !== undefined).join(' · ')}</h3>
      <p class="uid">{seriesInstanceUid}</p>
      {heldBack !== undefined && (
        <p class="note tone-waits">
          Waits: {waitInWords(heldBack.reason)}. Since {dateTime(heldBack.since)}, asked again at{' '}
          {dateTime(heldBack.until)}.
        </p>
      )}
      {reason !== undefined && (
        <p class="note">
          {reasonInWords(reason)}
          {detail !== undefined && <bdi>: {detail}</bdi>}
        </p>
      )}
      <p class="quiet">
        {instances} images, since {dateTime(changedAt)}
      </p>
    </article>
  );
}
