import type { Instance } from '../core/instance.ts';
import type { Meter } from '../core/metrics.ts';
import type {
  DropBucket,
  InstanceStore,
  LoadPatientHasher,
  Log,
  MarkerStore,
  PublishEvents,
  QuarantineStore,
  Queues,
  SeriesStore,
} from '../core/ports.ts';
import type { Clock } from '../core/time.ts';

export interface IndexDeps {
  drop: DropBucket;
  series: SeriesStore;
  instances: InstanceStore;
  quarantine: QuarantineStore;
  markers: MarkerStore;
  queues: Queues;
  publish: PublishEvents;
  loadPatientHasher: LoadPatientHasher;
  clock: Clock;
  log: Log;
  meter: Meter;
  /** Called with the rows of a write before it is made, where no event of theirs would come again. */
  beforeRows?(rows: readonly Instance[]): Promise<void>;
}
