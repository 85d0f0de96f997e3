import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren, CSSProperties } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { clockTime, countText, plural } from '../shared/format.ts';
import { addShortcuts } from '../shared/keyboard.ts';
import { Link } from '../shared/link.tsx';
import { isPrinting } from '../shared/printing.ts';
import { hrefWith, place } from '../shared/router.ts';
import { useMedia } from '../shared/use-media.ts';
import { useVirtualRows } from '../shared/virtual-rows.ts';
import { FILTER_NAMES, type Study } from './filters.ts';
import { isFollowed, type Section } from './section.ts';
import type { StudyList } from './study-list.ts';
import { StudyRow } from './study-row.tsx';

interface RowsProps {
  list: StudyList;
  openKey: string;
  onOpen(key: string): void;
  onClose(): void;
  empty: ComponentChildren;
}

type Row =
  | { kind: 'heading'; key: string; section: Section }
  | { kind: 'study'; key: string; study: Signal<Study> }
  | { kind: 'more'; key: string; section: Section };

/** Rows of studies are of one height, wide or narrow, so that the place of each is known before it is drawn. */
const WIDE = '(width >= 60rem)';
/** Wide enough for both the whole list and the details of a study (worklist.css). */
const WIDE_BESIDE_DETAILS = '(width >= 150rem)';
const HEIGHTS = { head: 2, heading: 2.25, more: 3, wide: 2.75, narrow: 6 };
/** So many rows before the end of what is there, the next page is asked for. */
const AHEAD = 20;

/**
 * Of the sections up to the first that has more to read: what comes after it has no place yet, and would move under the finger of a
 * person who has begun to read.
 */
function rowsOf(list: StudyList): Row[] {
  const rows: Row[] = [];
  for (const section of list.sections.value) {
    const isDone = section.status === 'ready' && section.cursor === undefined;
    // That there is nothing critical is said, and since when.
    if (section.keys.length > 0 || !isDone || section.older !== undefined)
      rows.push({ kind: 'heading', key: `#${section.id}`, section });
    for (const key of section.keys) {
      const study = list.study(key);
      if (study !== undefined) rows.push({ kind: 'study', key, study });
    }
    if (isDone) continue;
    rows.push({ kind: 'more', key: `+${section.id}`, section });
    if (!isFollowed(section)) break;
  }
  return rows;
}

export function Rows({ list, openKey, onOpen, onClose, empty }: RowsProps) {
  const rows = rowsOf(list);
  const scroller = useRef<HTMLDivElement>(null);
  const selected = useSignal(openKey);
  const rem = useRootFontSize();
  // A sheet is as wide as the whole list (print.css), and has every line that is loaded.
  const isOnPaper = isPrinting.value && openKey === '';
  const isWide = useMedia(openKey === '' ? WIDE : WIDE_BESIDE_DETAILS) || isOnPaper;
  const studies = rows.flatMap((row, index) => (row.kind === 'study' ? [{ key: row.key, index }] : []));
  const selectedAt = studies.find(({ key }) => key === selected.value)?.index;
  const sizeOf = (index: number) => {
    const kind = rows[index]?.kind ?? 'study';
    return rem * (kind === 'study' ? HEIGHTS[isWide ? 'wide' : 'narrow'] : HEIGHTS[kind]);
  };
  const margin = isWide ? HEIGHTS.head * rem : 0;
  const inSight = useVirtualRows({
    count: rows.length,
    scroller,
    sizeOf,
    keyAt: (index) => rows[index]?.key ?? '',
    kept: selectedAt,
    margin,
  });

  const lastShown = inSight.items.at(-1)?.index ?? 0;
  useEffect(() => {
    const more = rows.findIndex(({ kind }) => kind === 'more');
    const row = rows[more];
    if (
      row?.kind === 'more' &&
      row.section.status === 'ready' &&
      more - lastShown < AHEAD &&
      row.section.keys.length > 0
    )
      void list.loadMore(row.section.id);
  });

  const move = (step: number) => {
    const at = studies.findIndex(({ key }) => key === selected.value);
    const next =
      studies[
        at === -1 ? (step > 0 ? 0 : studies.length - 1) : Math.min(studies.length - 1, Math.max(0, at + step))
      ];
    if (next === undefined) return;
    selected.value = next.key;
    inSight.show(next.index);
    requestAnimationFrame(() => focusRow(scroller.current, next.key));
  };
  const actions = useRef({ move, open: () => {}, close: onClose });
  actions.current = {
    move,
    open: () => selectedAt !== undefined && onOpen(selected.value),
    close: onClose,
  };
  useEffect(
    () =>
      addShortcuts([
        { key: 'ArrowDown', does: 'Next study', run: () => actions.current.move(1) },
        { key: 'ArrowUp', does: 'Previous study', run: () => actions.current.move(-1) },
        { key: 'PageDown', does: 'Ten studies down', run: () => actions.current.move(10) },
        { key: 'PageUp', does: 'Ten studies up', run: () => actions.current.move(-10) },
        { key: 'Enter', does: 'Open the study', run: () => actions.current.open() },
        { key: 'Escape', does: 'Close the study', run: () => actions.current.close() },
      ]),
    [],
  );
  // A person who closes the details is where he was.
  const wasOpen = useRef('');
  useLayoutEffect(() => {
    if (wasOpen.current !== '' && openKey === '') focusRow(scroller.current, wasOpen.current);
    if (openKey !== '') selected.value = openKey;
    wasOpen.current = openKey;
  }, [openKey]);

  const drawn = isOnPaper ? rows.map((_, index) => ({ index, start: 0, size: 0 })) : inSight.items;
  const isEmpty = list.sections.value.every(
    ({ keys, status, cursor }) => keys.length === 0 && status === 'ready' && cursor === undefined,
  );
  return (
    <>
      <p class="hidden-text" aria-live="polite">
        {isEmpty ? 'No study' : plural(studies.length, 'study', 'studies')}
      </p>
      {isEmpty && empty}
      {isOnPaper && <Printed studies={studies.length} hasMore={rows.some(({ kind }) => kind === 'more')} />}
      <div class="scroller" ref={scroller} hidden={isEmpty}>
        <div
          class={isWide ? 'wide' : 'narrow'}
          role="grid"
          aria-label="Studies"
          aria-rowcount={rows.length + (isWide ? 1 : 0)}
          aria-busy={rows.some((row) => row.kind === 'more' && row.section.status === 'unread')}
        >
          {isWide && <Head />}
          <div class="rows" role="rowgroup" style={isOnPaper ? {} : { height: `${inSight.height}px` }}>
            {drawn.map(({ index, start, size }) => {
              const row = rows[index];
              if (row === undefined) return null;
              const style = isOnPaper
                ? {}
                : { transform: `translateY(${start - margin}px)`, height: `${size}px` };
              if (row.kind === 'study')
                return (
                  <StudyRow
                    key={row.key}
                    id={row.key}
                    study={row.study}
                    index={index + (isWide ? 1 : 0)}
                    style={style}
                    isOpen={row.key === openKey}
                    isFocusable={
                      selectedAt === undefined ? row.key === studies[0]?.key : row.key === selected.value
                    }
                    onOpen={onOpen}
                  />
                );
              return (
                <OtherRow
                  key={row.key}
                  row={row}
                  index={index + (isWide ? 1 : 0)}
                  style={style}
                  list={list}
                />
              );
            })}
          </div>
        </div>
      </div>
    </>
  );
}

const COLUMNS = [
  'Triage',
  'Accession',
  'Examination',
  'Product',
  'Findings, or why it waits',
  'Progress',
  'Age',
  'Source',
];

function Head() {
  return (
    <div role="rowgroup" class="head-group">
      <div class="head" role="row" aria-rowindex={1}>
        {COLUMNS.map((title) => (
          <div key={title} role="columnheader" class={title === 'Age' ? 'age' : ''}>
            {title}
          </div>
        ))}
      </div>
    </div>
  );
}

/** What a sheet does not tell by itself: of when it is, of which filters, and whether it has all. */
function Printed({ studies, hasMore }: { studies: number; hasMore: boolean }) {
  const filters = FILTER_NAMES.filter((name) => (place.value.get(name) ?? '') !== '');
  return (
    <p class="printed">
      {plural(studies, 'study', 'studies')}
      {hasMore ? ' that are loaded; there are more' : ', all that are found'}.{' '}
      {new Date().toLocaleDateString(undefined, { dateStyle: 'medium' })}, {clockTime(Date.now())}.{' '}
      {filters.map((name) => `${name === 'q' ? 'search' : name}: ${place.value.get(name)}`).join(', ')}
    </p>
  );
}

interface OtherRowProps {
  row: Exclude<Row, { kind: 'study' }>;
  index: number;
  style: CSSProperties;
  list: StudyList;
}

function OtherRow({ row, index, style, list }: OtherRowProps) {
  const { title, keys, cursor, status, id, older } = row.section;
  const isAll = cursor === undefined;
  const count = keys.length === 0 && isAll ? 'none' : `${countText(keys.length)}${isAll ? '' : '+'}`;
  return (
    <div class={`row ${row.kind}`} role="row" aria-rowindex={index + 1} style={style}>
      <div role="gridcell">
        {row.kind === 'heading' ? (
          <>
            <strong>{title}</strong>{' '}
            <span class="quiet">{status !== 'ready' && keys.length === 0 ? '…' : count}</span>
            {older !== undefined && <Link href={hrefWith(older)}>Older critical studies</Link>}
          </>
        ) : isPrinting.value ? (
          <strong>There are more, which are not loaded and not on this paper.</strong>
        ) : status === 'loading' || status === 'unread' ? (
          <span class="quiet">Loading…</span>
        ) : (
          <button type="button" onClick={() => void list.loadMore(id)}>
            {status === 'failed' ? 'Try again' : 'Look further'}
          </button>
        )}
      </div>
    </div>
  );
}

function focusRow(scroller: HTMLElement | null, key: string): void {
  scroller?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/** It depends on the width of the window (base.css). */
function useRootFontSize(): number {
  const size = useSignal(rootFontSize());
  useEffect(() => {
    const read = () => {
      size.value = rootFontSize();
    };
    addEventListener('resize', read);
    return () => removeEventListener('resize', read);
  }, []);
  return size.value;
}

function rootFontSize(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}
