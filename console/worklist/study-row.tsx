import type { Signal } from '@preact/signals';
import type { CSSProperties } from 'preact';
import { now } from '../shared/clock.ts';
import { ago, dateTime, duration, since } from '../shared/format.ts';
import { promises } from '../shared/sources.ts';
import { TriageMark } from '../shared/triage-mark.tsx';
import { bodyPartInWords } from '../shared/words.ts';
import type { Study } from './filters.ts';
import { Progress } from './progress.tsx';
import { promiseOf, summaryOf } from './summary.ts';

interface StudyRowProps {
  id: string;
  study: Signal<Study>;
  index: number;
  style: CSSProperties;
  isOpen: boolean;
  isFocusable: boolean;
  onOpen(key: string): void;
}

export function StudyRow({ id, study, index, style, isOpen, isFocusable, onOpen }: StudyRowProps) {
  const shown = study.value;
  const { accessionNumber, studyInstanceUid, modalities, bodyParts, products, source } = shown;
  const { text, tone } = summaryOf(shown, now.value);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list opens the row that has the focus by Enter
    <div
      class={`row study ${isOpen ? 'open' : ''}`}
      role="row"
      data-key={id}
      aria-rowindex={index + 1}
      aria-selected={isOpen}
      tabIndex={isFocusable ? 0 : -1}
      style={style}
      onClick={() => onOpen(id)}
    >
      <Cell name="triage">
        <TriageMark triage={shown.triage} />
      </Cell>
      <Cell name="accession">
        {accessionNumber === undefined ? (
          <span class="quiet" title={studyInstanceUid}>
            No accession number
          </span>
        ) : (
          <bdi title={accessionNumber}>{accessionNumber}</bdi>
        )}
      </Cell>
      <Cell name="exam">
        {[modalities.join('/'), bodyParts.map(bodyPartInWords).join(', ')]
          .filter((part) => part !== '')
          .join(' ')}
      </Cell>
      <Cell name="product">{products.join(', ')}</Cell>
      <Cell name="summary">
        {shown.isSimulated && <span class="tag simulated">Simulated</span>}
        <bdi class={`tone-${tone}`} title={text}>
          {text}
        </bdi>
      </Cell>
      <Cell name="way">
        <Progress study={shown} />
      </Cell>
      <Cell name="age">
        <Age study={shown} />
      </Cell>
      <Cell name="source">{source}</Cell>
    </div>
  );
}

function Cell({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div role="gridcell" class={`cell ${name}`}>
      {children}
    </div>
  );
}

/** Since the first image of a study that is on its way, with its promise; how long ago one was done. */
function Age({ study }: { study: Study }) {
  const { arriving, uploading, computing } = study.progress;
  const arrived = `First image ${dateTime(study.firstArrivalAt)}`;
  if (arriving + uploading + computing > 0) {
    const promise = promiseOf(study, promises.value.get(study.source), now.value);
    return (
      <time
        dateTime={study.firstArrivalAt}
        title={`${arrived}${promise === undefined ? '' : `. ${promise.text}`}`}
      >
        {since(study.firstArrivalAt, now.value)}
        {promise?.isLate && <span class="late">late</span>}
      </time>
    );
  }
  const took = Date.parse(study.changedAt) - Date.parse(study.firstArrivalAt);
  return (
    <time class="quiet" dateTime={study.changedAt} title={`${arrived}, took ${duration(took)}`}>
      {ago(now.value - Date.parse(study.changedAt))}
    </time>
  );
}
