import type { ArchiveStore } from '../instances/archive.ts';
import type { DropBucket } from '../instances/drop-bucket.ts';
import type { Instance, InstanceStore } from '../instances/instance.ts';
import type { PatientSealer, PatientStore } from '../instances/kept-patient.ts';
import type { MarkerStore } from '../instances/marker.ts';
import type { LoadPatientHasher } from '../instances/patient-hash.ts';
import type { QuarantineStore } from '../instances/quarantine.ts';
import type { AccessionStore } from '../series/accession.ts';
import type { Queues } from '../series/messages.ts';
import type { PublishEvents } from '../series/outbox.ts';
import type { SeriesStore } from '../series/series-store.ts';
import type { Log } from '../shared/log.ts';
import type { Meter } from '../shared/metrics.ts';
import type { Clock } from '../shared/time.ts';

export interface IndexDeps {
  drop: DropBucket;
  series: SeriesStore;
  accessions: AccessionStore;
  instances: InstanceStore;
  quarantine: QuarantineStore;
  markers: MarkerStore;
  archives: ArchiveStore;
  queues: Queues;
  patients: PatientStore;
  /** @default no patient is kept */
  patientSealer?: PatientSealer;
  publish: PublishEvents;
  loadPatientHasher: LoadPatientHasher;
  clock: Clock;
  log: Log;
  meter: Meter;
  /** Called with the rows of a write before it is made, where no event of theirs would come again. */
  beforeRows?(rows: readonly Instance[]): Promise<void>;
}
