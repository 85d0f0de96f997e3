import { useEffect, useLayoutEffect, useMemo } from 'preact/hooks';
import { StudyPanel } from '../series/study-panel.tsx';
import { config } from '../shared/config.ts';
import { clockTime } from '../shared/format.ts';
import { Link } from '../shared/link.tsx';
import { outage } from '../shared/outage.ts';
import { poll } from '../shared/poll.ts';
import { go, hrefWith, place } from '../shared/router.ts';
import { loadPromises } from '../shared/sources.ts';
import { FilterBar } from './filter-bar.tsx';
import { FILTER_NAMES, filtersIn, isFiltered } from './filters.ts';
import { Rows } from './rows.tsx';
import { StageStrip } from './stage-strip.tsx';
import { Stopped } from './stopped.tsx';
import { StudyList } from './study-list.ts';

/** Of the study whose details are open, in the URL: `north/1.2.3`. */
const OPEN = 'study';
/** They change with a deployment. */
const PROMISES_MS = 300_000;

/** The list of the address that was opened. */
let first: StudyList | undefined;

/** Asks for the list before anything is drawn: the server works on it while the browser draws what is around it. */
export function beginWorklist(): void {
  first = new StudyList(filtersIn(place.value));
}

function newList(): StudyList {
  const list = first ?? new StudyList(filtersIn(place.value));
  first = undefined;
  return list;
}

/** Studies, those that need a person first; the details of one beside them. */
export function Worklist() {
  const filterText = FILTER_NAMES.map((name) => place.value.get(name) ?? '').join('\n');
  const list = useMemo(newList, [filterText]);
  useLayoutEffect(() => list.start(), [list]);
  const { firstDrawn } = list;
  useEffect(() => poll(PROMISES_MS, (abort) => firstDrawn.then(() => loadPromises(abort))), []);
  const open = place.value.get(OPEN) ?? '';
  const close = () => go(hrefWith({ [OPEN]: undefined, series: undefined }));
  return (
    <div class={`worklist ${open === '' ? '' : 'has-panel'}`}>
      <section class="studies" aria-label="Studies">
        <Stopped after={firstDrawn} />
        <FilterBar list={list} />
        <StageStrip after={firstDrawn} />
        <Trouble list={list} />
        <Rows
          key={filterText}
          list={list}
          openKey={open}
          onOpen={(key) => go(hrefWith({ [OPEN]: key, series: undefined }))}
          onClose={close}
          empty={<Empty />}
        />
      </section>
      {open !== '' && <StudyPanel key={open} id={open} onClose={close} />}
    </div>
  );
}

function Trouble({ list }: { list: StudyList }) {
  const { trouble, updatedAt } = list;
  if (trouble.value === '' || outage.value !== undefined) return null;
  const last = updatedAt.value === undefined ? '' : ` This is the list of ${clockTime(updatedAt.value)}.`;
  return (
    <p class="trouble" role="alert">
      {trouble.value}
      {last} The page asks again by itself.
    </p>
  );
}

function Empty() {
  if (isFiltered(place.value)) {
    const nothing = Object.fromEntries(FILTER_NAMES.map((name) => [name, undefined]));
    const search = place.value.get('q') ?? '';
    const isSearchAlone = FILTER_NAMES.every((name) => name === 'q' || !place.value.has(name));
    return (
      <div class="empty">
        {search === '' ? (
          <p>No study is found by these filters.</p>
        ) : (
          <p class="breakable">
            No study{isSearchAlone ? '' : ' of these filters'} has the accession number or UID{' '}
            <bdi>“{search}”</bdi>. It is looked for as a whole: a part of it finds nothing.
          </p>
        )}
        <p>
          <Link href={hrefWith(nothing)}>
            {isSearchAlone ? 'Clear the search' : 'Clear search and filters'}
          </Link>
        </p>
      </div>
    );
  }
  const { dropCommand } = config.value;
  return (
    <div class="empty">
      <p>No studies in the last 7 days, and none that wait.</p>
      <p>
        <Link href="/?view=drop">Drop scans here</Link>
      </p>
      {dropCommand !== undefined && (
        <>
          <p>Any S3 client can drop them too, with any credentials:</p>
          <pre>
            <code>{dropCommand}</code>
          </pre>
        </>
      )}
      <p>
        <Link href={hrefWith({ period: 'all' })}>Show studies of any time</Link>
      </p>
    </div>
  );
}
