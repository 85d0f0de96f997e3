/**
 * So many elements of a header are read, those within sequences and their items included: an empty item takes eight bytes, and
 * hundreds of thousands of them deflate to a few hundred. The largest headers of multi-frame scans have some ten thousand.
 */
export const MAX_ELEMENTS = 100_000;

/** What is left of it; counted down by whoever reads the head of an element. */
export interface ElementBudget {
  left: number;
}
