import * as fc from 'fast-check';
import type { AmbientFault, PlannedFault } from './faults.ts';
import { SERIES_KINDS, type SeriesKind } from './scans.ts';
import { ambientFault, plannedFault } from './scenario-faults.ts';

/** Why Qure refuses a source for a while, and how that is mended. */
export interface BadAccess {
  /** `missing`: nobody has filled in its secret, and Qure is not asked. */
  answer: 'rejected' | 'denied' | 'unlicensed' | 'missing';
  /** @default 0 */
  fromSeconds?: number;
  mendedAtSeconds: number;
  /** Else Qure takes the same credentials from then on. */
  hasNewSecret: boolean;
}

export interface SourceScenario {
  quietPeriodSeconds: number;
  compute: 'call' | 'automatic';
  /** `external`: another system brings the instances to Qure. */
  delivery: 'upload' | 'external';
  badAccess?: BadAccess;
  /** What it means where slices seem to be missing. */
  quality?: 'hold' | 'refuse';
  /** What its document says of them. */
  limits?: { maxConcurrentSeries?: number; dailyBudget?: number };
}

/** An object that is dropped again: at another key, or over the first. */
export interface Repetition {
  /** Which instance, counted round. */
  instance: number;
  afterSeconds: number;
  isElsewhere: boolean;
  /** Other pixels under the same SOPInstanceUID. */
  isOtherContent: boolean;
}

export interface MarkerScenario {
  kind: 'everything' | 'instances' | 'series';
  /** After the first drop; often before the last one: markers come too early. */
  afterSeconds: number;
}

/** The instances of the first folder that are not late come in archives. */
export interface ArchiveScenario {
  format: 'stored-zip' | 'deflated-zip' | 'tar';
  /** Over two archives. */
  isSplit: boolean;
  /** They come as files too. */
  isBesideFiles: boolean;
  /** The first archive is written anew, and dropped over the first or beside it. */
  again?: { afterSeconds: number; isElsewhere: boolean; isOtherContent: boolean };
}

/** A sender uploads in parts, which S3 dates by the beginning. */
export interface PartsScenario {
  /** The first of so many objects, counted round. */
  oneIn: number;
  /** An upload takes so long at most: no longer than `MOST_SECONDS_OF_PARTS`. */
  longestSeconds: number;
}

export interface SeriesScenario {
  source: number;
  kind: SeriesKind;
  instances: number;
  startsAtSeconds: number;
  /** From the first drop to the last. */
  spreadSeconds: number;
  isShuffled: boolean;
  /** Those with a higher number lie in another folder, which a marker of the first one does not cover. */
  splitAfter?: number;
  /** So many of them come later than all others: the last ones, or where they are shuffled those after the first. */
  lateInstances: number;
  lateAfterSeconds: number;
  repetitions: Repetition[];
  marker?: MarkerScenario;
  archive?: ArchiveScenario;
  parts?: PartsScenario;
  /** The dropper takes them away again. */
  deletions: { instance: number; afterSeconds: number }[];
  /** A person asks for it again. */
  retryAfterSeconds?: number;
}

/** What a sender does long after everything was done, when scans and rows have expired. */
export interface AftermathScenario {
  /** One slice that was left behind; as many others as the series has; or all of it once more, and one slice. */
  drops: 'late' | 'others' | 'whole';
  /** One in so many expired rows is still there. `0`: none. */
  keptOneIn: number;
}

/** With `phi: show`: people look at the patient of each series, now and then. */
export interface PatientsScenario {
  /** After the start of a series. */
  viewAfterSeconds: number;
  /** From then on, for good. `0`: from the first file on. @default never */
  keyDisabledAtSeconds?: number;
}

/** A sender puts an archive of another study over that of the first series as soon as a step of it is indexed, or shortly after. */
export interface ReusedKeyScenario {
  afterMs: number;
  format: ArchiveScenario['format'];
}

/** Qure's computations take a factor longer, or less, from this time on. */
export interface LearnedPollsScenario {
  knownResults: number;
  knownSeconds: number;
  factor: number;
  fromSeconds: number;
}

/** Every source gets another Qure when the first series has come into a state, and later the first one again. */
export interface OtherQureScenario {
  when: 'UPLOADING' | 'COMPUTING' | 'DONE';
  afterSeconds: number;
  /** @default never */
  backAfterSeconds?: number;
}

export const RUBBISH_KINDS = [
  'text',
  'truncated',
  'empty',
  'folder',
  'dicomdir',
  'no-source',
  'no-uid',
  'strange-message',
] as const;
export type RubbishKind = (typeof RUBBISH_KINDS)[number];

export interface RubbishScenario {
  kind: RubbishKind;
  source: number;
  atSeconds: number;
}

/** What a person does while it all happens. */
export interface OperatorScenario {
  does: 'redrives' | 'retries-failed' | 'retries-waiting' | 'reads-list';
  atSeconds: number;
}

/** Everything that determines a run. */
export interface Scenario {
  /** Of latencies, orders and chances. */
  seed: number;
  sources: SourceScenario[];
  series: SeriesScenario[];
  rubbish: RubbishScenario[];
  operator: OperatorScenario[];
  faults: PlannedFault[];
  ambientFaults: AmbientFault[];
  maxSkewMs: number;
  indexLagMs: number;
  reconcilesEveryMinutes?: number;
  /** All sources have one workspace, and the next one drops the first series as well, with other pixels. */
  sharedWorkspace?: { afterSeconds: number };
  isVersioned: boolean;
  /** ETags are no digests, as with SSE-KMS. */
  hasOpaqueEtags: boolean;
  aftermath?: AftermathScenario;
  reusedKey?: ReusedKeyScenario;
  patients?: PatientsScenario;
  /** Its sources learn their senders, of which so many fast series are known before. */
  adaptive?: { knownSeries: number };
  /** Its sources name no interval of polls, and know as many computations of so long. @default every 15 s, growing */
  learnedPolls?: LearnedPollsScenario;
  otherQure?: OtherQureScenario;
}

/** Within so long the series of a source with limits come, and each of them. */
const RUSH_SECONDS = 5;

const seconds = (max: number) => fc.integer({ min: 0, max });

const source: fc.Arbitrary<SourceScenario> = fc.record(
  {
    quietPeriodSeconds: fc.constantFrom(5, 20, 60, 300),
    compute: fc.oneof(
      { weight: 9, arbitrary: fc.constant('call' as const) },
      fc.constant('automatic' as const),
    ),
    delivery: fc.oneof(
      { weight: 11, arbitrary: fc.constant('upload' as const) },
      fc.constant('external' as const),
    ),
    badAccess: fc.option(
      fc
        .record({
          answer: fc.constantFrom('rejected', 'denied', 'unlicensed', 'missing'),
          fromSeconds: fc.oneof(fc.constant(0), seconds(1_500)),
          forSeconds: fc.oneof(
            { weight: 7, arbitrary: fc.integer({ min: 60, max: 1_500 }) },
            // Past the deadlines of a series.
            fc.integer({ min: 12_000, max: 18_000 }),
          ),
          hasNewSecret: fc.boolean(),
        })
        .map(({ forSeconds, ...bad }) => ({ ...bad, mendedAtSeconds: bad.fromSeconds + forSeconds })),
      { nil: undefined, freq: 4 },
    ),
    quality: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      fc.constantFrom('hold' as const, 'refuse' as const),
    ),
    limits: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      fc
        .record({
          maxConcurrentSeries: fc.constantFrom(undefined, 1, 1, 2),
          dailyBudget: fc.constantFrom(undefined, undefined, 1, 2, 4),
        })
        .map(withoutUndefined),
    ),
  },
  { requiredKeys: ['quietPeriodSeconds', 'compute', 'delivery'] },
) as fc.Arbitrary<SourceScenario>;

const repetition: fc.Arbitrary<Repetition> = fc.record({
  instance: seconds(399),
  afterSeconds: seconds(1_000),
  isElsewhere: fc.boolean(),
  isOtherContent: fc.boolean(),
});

const marker: fc.Arbitrary<MarkerScenario> = fc.record({
  kind: fc.constantFrom('everything' as const, 'instances' as const, 'series' as const),
  afterSeconds: seconds(300),
});

const archive = fc
  .record({
    format: fc.constantFrom('stored-zip' as const, 'deflated-zip' as const, 'tar' as const),
    isSplit: fc.boolean(),
    isBesideFiles: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
    again: fc.option(
      fc.record({ afterSeconds: seconds(1_000), isElsewhere: fc.boolean(), isOtherContent: fc.boolean() }),
      { nil: undefined, freq: 2 },
    ),
  })
  .map(withoutUndefined) as fc.Arbitrary<ArchiveScenario>;

const parts = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  fc.record({ oneIn: fc.constantFrom(1, 1, 2, 3), longestSeconds: fc.constantFrom(5, 60, 300, 1_200) }),
);

const instances = fc.oneof(
  { weight: 60, arbitrary: fc.integer({ min: 1, max: 8 }) },
  { weight: 8, arbitrary: fc.integer({ min: 9, max: 60 }) },
  { weight: 1, arbitrary: fc.integer({ min: 61, max: 400 }) },
);

const series: fc.Arbitrary<SeriesScenario> = fc
  .record({
    source: fc.nat(2),
    kind: fc.oneof(
      { weight: 5, arbitrary: fc.constant('head-ct' as const) },
      fc.constant('stroke-ct' as const),
      { weight: 2, arbitrary: fc.constantFrom(...SERIES_KINDS) },
      fc.constant('chest-xray' as const),
    ),
    instances,
    startsAtSeconds: seconds(900),
    spreadSeconds: fc.oneof({ weight: 4, arbitrary: seconds(30) }, seconds(400)),
    isShuffled: fc.boolean(),
    splitAfter: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 4 }),
    lateInstances: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 5 })),
    lateAfterSeconds: seconds(4_000),
    repetitions: fc.array(repetition, { maxLength: 3 }),
    marker: fc.option(marker, { nil: undefined, freq: 2 }),
    archive: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, archive),
    deletions: fc.oneof(
      { weight: 7, arbitrary: fc.constant([]) },
      fc.array(fc.record({ instance: seconds(399), afterSeconds: seconds(600) }), {
        minLength: 1,
        maxLength: 2,
      }),
    ),
    retryAfterSeconds: fc.option(fc.integer({ min: 100, max: 6_000 }), { nil: undefined, freq: 4 }),
  })
  .map(withoutUndefined) as fc.Arbitrary<SeriesScenario>;

export const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    seed: fc.integer({ min: 0, max: 0x7fffffff }),
    sources: fc.array(source, { minLength: 1, maxLength: 3 }),
    series: fc.array(series, { minLength: 1, maxLength: 3 }),
    rubbish: fc.array(
      fc.record({ kind: fc.constantFrom(...RUBBISH_KINDS), source: fc.nat(2), atSeconds: seconds(1_000) }),
      { maxLength: 3 },
    ),
    operator: fc.array(
      fc.record({
        does: fc.constantFrom('redrives', 'retries-failed', 'retries-waiting', 'reads-list'),
        atSeconds: seconds(8_000),
      }),
      { maxLength: 2 },
    ),
    faults: fc.array(plannedFault, { maxLength: 12 }),
    ambientFaults: fc.array(ambientFault, { maxLength: 2 }),
    maxSkewMs: fc.constantFrom(0, 0, 500, 5_000),
    indexLagMs: fc.constantFrom(0, 100, 3_000),
    reconcilesEveryMinutes: fc.option(fc.constantFrom(7, 20, 60), { nil: undefined, freq: 2 }),
    sharedWorkspace: fc.oneof(
      { weight: 11, arbitrary: fc.constant(undefined) },
      fc.record({ afterSeconds: fc.oneof(seconds(2), seconds(600)) }),
    ),
    isVersioned: fc.boolean(),
    hasOpaqueEtags: fc.boolean(),
    // The last ones: a seed stays what it was but for them.
    aftermath: fc.oneof(
      { weight: 7, arbitrary: fc.constant(undefined) },
      fc.record({
        drops: fc.constantFrom('late' as const, 'others' as const, 'whole' as const),
        keptOneIn: fc.constantFrom(0, 1, 2),
      }),
    ),
    reusedKey: fc.oneof(
      { weight: 79, arbitrary: fc.constant(undefined) },
      fc.record({
        afterMs: fc.constantFrom(0, 0, 100, 2_000),
        format: fc.constantFrom('stored-zip' as const, 'deflated-zip' as const, 'tar' as const),
      }),
    ),
    patients: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      fc
        .record({
          viewAfterSeconds: seconds(1_000),
          keyDisabledAtSeconds: fc.option(fc.constantFrom(0, 600), { nil: undefined, freq: 3 }),
        })
        .map(withoutUndefined),
    ),
    adaptive: fc.oneof(
      { weight: 1, arbitrary: fc.constant(undefined) },
      fc.record({ knownSeries: fc.constantFrom(0, 25, 300, 300) }),
    ),
    learnedPolls: fc.oneof(
      { weight: 1, arbitrary: fc.constant(undefined) },
      fc.record({
        knownResults: fc.constantFrom(0, 25, 50),
        knownSeconds: fc.constantFrom(2, 60, 60, 1_000),
        factor: fc.constantFrom(0.1, 1, 1, 4),
        fromSeconds: seconds(1_500),
      }),
    ),
    otherQure: fc.oneof(
      { weight: 7, arbitrary: fc.constant(undefined) },
      fc
        .record({
          when: fc.constantFrom(
            'UPLOADING' as const,
            'COMPUTING' as const,
            'COMPUTING' as const,
            'DONE' as const,
          ),
          afterSeconds: fc.oneof(seconds(3), seconds(60), seconds(600)),
          backAfterSeconds: fc.option(seconds(1_000), { nil: undefined, freq: 2 }),
        })
        .map(withoutUndefined),
    ),
    parts: fc.array(parts, { minLength: 3, maxLength: 3 }),
  })
  .map(uploading)
  .map(reusing)
  .map(rushed)
  .map(sharing)
  .map(withoutUndefined) as fc.Arbitrary<Scenario>;

/** Drawn last, it leaves the series of a seed as they were. */
function uploading<S extends Pick<Scenario, 'series'> & { parts: (PartsScenario | undefined)[] }>({
  parts: drawn,
  ...one
}: S) {
  const series = one.series.map((each, at) => withoutUndefined({ ...each, parts: drawn[at] }));
  return { ...one, series: series as SeriesScenario[] };
}

/**
 * A step takes 300 entries: the archive has more. What else would bring the same files is left out. The run ends with its first
 * step, or soon, so that the next one comes when the key has been used again.
 */
function reusing<
  S extends Pick<Scenario, 'series' | 'faults'> & { reusedKey?: Scenario['reusedKey'] | undefined },
>(one: S): S {
  const [first, ...others] = one.series;
  if (one.reusedKey === undefined || first === undefined) return one;
  const { splitAfter: _, ...rest } = first;
  const only = { isSplit: false, isBesideFiles: false };
  const series = {
    ...rest,
    instances: 301 + (first.instances % 30),
    archive: { format: first.archive?.format ?? ('stored-zip' as const), ...only },
    lateInstances: 0,
    repetitions: [],
    deletions: [],
  };
  return { ...one, series: [series, ...others], faults: [...one.faults, WALK_ENDS] };
}

/** After the first place that is saved. */
export const WALK_ENDS: PlannedFault = {
  kind: 'died_after',
  stage: 'check-completion',
  operation: 'dynamodb/PutItem',
  nth: 1,
};

/** Where a source has limits its series come at once: one after the other they would never meet. */
function rushed<S extends Pick<Scenario, 'sources' | 'series'>>(one: S): S {
  const isLimited = ({ source: of }: SeriesScenario) =>
    one.sources[of % one.sources.length]?.limits !== undefined;
  const series = one.series.map((each) =>
    isLimited(each)
      ? {
          ...each,
          startsAtSeconds: each.startsAtSeconds % RUSH_SECONDS,
          spreadSeconds: each.spreadSeconds % RUSH_SECONDS,
        }
      : each,
  );
  return { ...one, series };
}

/** Sources of one workspace have its access, and its trigger; what another system brings there is nobody's to keep apart. */
function sharing<
  S extends Pick<Scenario, 'sources'> & { sharedWorkspace?: Scenario['sharedWorkspace'] | undefined },
>(one: S): S {
  const [first] = one.sources;
  if (one.sharedWorkspace === undefined || first === undefined) return one;
  const sources = one.sources.map(({ badAccess: _, ...own }) => ({
    ...own,
    compute: first.compute,
    delivery: 'upload' as const,
    ...(first.badAccess === undefined ? {} : { badAccess: first.badAccess }),
  }));
  return { ...one, sources };
}

/** The scenario of a seed: the same on every machine. */
export function scenarioOf(seed: number): Scenario {
  const [sample] = fc.sample(fc.noBias(scenario), { seed, numRuns: 1 });
  if (sample === undefined) throw new Error('expected a scenario for each seed');
  return sample;
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}
