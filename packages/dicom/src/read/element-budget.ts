/**
 * The limit of elements in a header, including those in sequences and their items: an empty item has eight bytes, and
 * hundreds of thousands of them deflate to a few hundred bytes. The largest headers of multi-frame scans have about ten
 * thousand elements.
 */
export const MAX_ELEMENTS = 100_000;

/** The remaining number; every read of an element head decrements it. */
export interface ElementBudget {
  left: number;
}
