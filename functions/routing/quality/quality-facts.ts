/** What is wrong with a CT series as a volume (docs/quality.md); each part is absent where nothing is to be said. */
export interface SeriesQuality {
  /** InstanceNumbers (0020,0013) that a slice between two others must have had; the first 50. */
  missing?: number[];
  /** InstanceNumbers that more than one instance has; the first 50. */
  doubled?: number[];
  /** Places along the normal where two neighbours are further apart than those around them, or one pass of several has no slice. */
  gaps?: number;
  /** Instances whose position along the normal another one has, too. */
  doubledPositions?: number;
  /** Instances in another plane than the rest: a localizer among axial slices. */
  offPlane?: number;
  /** What not all instances of one plane have alike. */
  mixed?: ('matrix' | 'orientation' | 'kernel')[];
  /** As many instances as the headers claim, where fewer are here: (0020,1209), else (0020,1002). */
  claimedInstances?: number;
}
