import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Answer, get, RefusedError, troubleOf } from '../shared/api.ts';
import { now } from '../shared/clock.ts';
import { config } from '../shared/config.ts';
import { dateTime, sentenceOf } from '../shared/format.ts';
import { outage } from '../shared/outage.ts';
import { promises } from '../shared/sources.ts';
import { TriageMark } from '../shared/triage-mark.tsx';
import { reasonInWords, waitInWords } from '../shared/words.ts';
import { promiseOf } from '../worklist/summary.ts';
import { Actions } from './actions.tsx';
import { adviceOn, underWayInWords, waitAdviceOn } from './advice.ts';
import { Course } from './course.tsx';
import { Files } from './files.tsx';
import { Findings } from './findings.tsx';
import { Generations } from './generations.tsx';
import { Patient } from './patient.tsx';
import { examinationOf, isStopReason, remarksOf, stateInWords } from './words.ts';

interface SeriesDetailProps {
  source: string;
  uid: string;
  /** Another text where the series has changed since. */
  version: string;
}

/** Links to results are for 15 minutes. */
const LINKS_MS = 10 * 60_000;

export function SeriesDetail({ source, uid, version }: SeriesDetailProps) {
  const series = useSignal<Answer<'SeriesDetail'> | undefined>(undefined);
  const results = useSignal<Answer<'Results'> | undefined>(undefined);
  const trouble = useSignal('');
  const asked = useSignal(0);
  useEffect(() => {
    const ending = new AbortController();
    const load = async () => {
      try {
        const path = `/v1/series/${encodeURIComponent(uid)}` as const;
        const [one, fresh] = await Promise.all([
          get('SeriesDetail', path, { source }, ending.signal),
          get('Results', `${path}/results`, { source }, ending.signal).catch(noneOf404),
        ]);
        series.value = one;
        results.value = fresh;
        trouble.value = '';
      } catch (error) {
        if (!ending.signal.aborted) trouble.value = troubleOf(error);
      }
    };
    void load();
    const timer = setInterval(() => void load(), LINKS_MS);
    return () => {
      ending.abort();
      clearInterval(timer);
    };
  }, [source, uid, version, asked.value, outage.value === undefined]);
  if (series.value === undefined)
    return trouble.value === '' ? (
      <p class="loading">Loading…</p>
    ) : (
      <p class="trouble" role="alert">
        {trouble.value}
      </p>
    );
  const shown = series.value;
  // The two are asked for apart: a new generation may begin between them.
  const itsResults = results.value?.generation === shown.generation ? results.value : undefined;
  const remarks = remarksOf(shown);
  return (
    <article class="series">
      <h3>
        {examinationOf(shown)} · {stateInWords(shown.state)} <TriageMark triage={shown.triage} />
        {shown.triage !== undefined && shown.state !== 'DONE' && <small> by the result before</small>}
        {shown.priority === 'urgent' && <span class="tag triage-abnormal">Urgent</span>}
      </h3>
      {trouble.value !== '' && (
        <p class="trouble" role="alert">
          {trouble.value}
        </p>
      )}
      <Patient
        key={`${source} ${uid}`}
        source={source}
        uid={uid}
        onShown={() => {
          asked.value += 1;
        }}
      />
      <Why series={shown} />
      {shown.isSimulated && (
        <p class="note simulated-note">
          <span class="tag simulated">Simulated</span> The bundled simulator answered instead of Qure. Nothing
          here is a finding.
        </p>
      )}
      {remarks.length > 0 && (
        <ul class="note remarks">
          {remarks.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      {itsResults !== undefined && <Findings series={shown} results={itsResults} />}
      {itsResults !== undefined && <Files key={itsResults.generation} results={itsResults} />}
      <Actions
        series={shown}
        onDone={() => {
          asked.value += 1;
        }}
      />
      <Course series={shown} />
      <Generations generations={shown.generations} />
      <dl class="facts">
        <div>
          <dt>Images</dt>
          <dd>{shown.instances.toLocaleString()}</dd>
        </div>
        <div>
          <dt>SeriesInstanceUID</dt>
          <dd class="uid">{shown.seriesInstanceUid}</dd>
        </div>
      </dl>
    </article>
  );
}

/** Why it waits, or has no result, and what to do. */
function Why({ series }: { series: Answer<'SeriesDetail'> }) {
  const { state, heldBack, reason, detail, source } = series;
  const hasFailed = state === 'FAILED' || state === 'UNSUPPORTED';
  const isOneMachine = config.value.dropCommand !== undefined;
  // The detail of a stopped source says what to do by itself.
  const isTold = detail !== undefined && isStopReason(reason);
  const advice = hasFailed && reason !== undefined && !isTold ? adviceOn(reason, isOneMachine) : undefined;
  const underWay = underWayInWords(state);
  const promise =
    underWay === undefined ? undefined : promiseOf(series, promises.value.get(source), now.value);
  return (
    <>
      {heldBack !== undefined && (
        <div class="note">
          <strong class="tone-waits">Waits:</strong> {waitInWords(heldBack.reason)}. It waits since{' '}
          {dateTime(heldBack.since)}, and tries again at {dateTime(heldBack.until)}.
          <p>{waitAdviceOn(heldBack.reason, isOneMachine)}</p>
        </div>
      )}
      {heldBack === undefined && underWay !== undefined && (
        <p class="note">
          <strong class="tone-waits">Waits:</strong> {underWay}
        </p>
      )}
      {promise?.isLate && (
        <p class="note">
          <strong class="tone-failed">Late:</strong> {promise.text}.
        </p>
      )}
      {reason !== undefined && (
        <div class={`note ${hasFailed ? 'is-failed' : ''}`}>
          <strong>{sentenceOf(reasonInWords(reason))}</strong>
          {detail !== undefined && (
            <>
              {' '}
              <bdi>{detail}</bdi>
            </>
          )}{' '}
          <code class="quiet">{reason}</code>
          {advice !== undefined && <p>{advice}</p>}
        </div>
      )}
    </>
  );
}

function noneOf404(error: unknown): undefined {
  if (error instanceof RefusedError && error.status === 404) return undefined;
  throw error;
}
