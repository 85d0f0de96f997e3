/** What Qure may still say of an earlier generation when it is asked for this one (decision 0027). */
export interface EarlierAnswer {
  /** Its last answer that is known. */
  result?: { generation: number; digest: string };
  /** A computation that had not ended when this one was asked for: its answer may come first, and is not known. */
  isPending?: true;
}
