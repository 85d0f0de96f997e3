import type { DropBucket } from '../core/drop-bucket.ts';
import type { Instance, InstanceStore } from '../core/instance.ts';
import type { Log } from '../core/log.ts';
import type { MarkerStore } from '../core/marker.ts';
import type { Queues } from '../core/messages.ts';
import type { Meter } from '../core/metrics.ts';
import type { PublishEvents } from '../core/outbox.ts';
import type { LoadPatientHasher } from '../core/patient-hash.ts';
import type { QuarantineStore } from '../core/quarantine.ts';
import type { SeriesStore } from '../core/series-store.ts';
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
