import {
  defaultRangeExtractor,
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';

interface VirtualRowsOptions {
  count: number;
  scroller: RefObject<HTMLElement | null>;
  /** In pixels. */
  sizeOf(index: number): number;
  keyAt(index: number): string;
  /** Before the first row, for a heading that stays in sight; in pixels. */
  margin: number;
  /** Stays in the document while it is out of sight, for example because it has the focus. */
  kept?: number | undefined;
}

export interface VirtualRows {
  items: VirtualItem[];
  /** Of all rows, in pixels. */
  height: number;
  show(index: number): void;
}

const OVERSCAN = 8;

/** Only the rows that are in sight are in the document, however many there are. As the library's adapter for React does it. */
export function useVirtualRows(given: VirtualRowsOptions): VirtualRows {
  const { count, scroller, sizeOf, keyAt, margin, kept } = given;
  const [, draw] = useReducer((times: number) => times + 1, 0);
  const options = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: sizeOf,
    getItemKey: keyAt,
    overscan: OVERSCAN,
    scrollMargin: margin,
    scrollPaddingStart: margin,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) => {
      const shown = defaultRangeExtractor(range);
      if (kept === undefined || kept < 0 || kept >= count || shown.includes(kept)) return shown;
      return [...shown, kept].toSorted((a, b) => a - b);
    },
    onChange: () => draw(undefined),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => virtualizer._willUpdate());
  return {
    items: virtualizer.getVirtualItems(),
    height: virtualizer.getTotalSize(),
    show: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
  };
}
