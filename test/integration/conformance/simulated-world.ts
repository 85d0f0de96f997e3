import { INDEXES } from '../../../functions/aws/table/keys.ts';
import { SimulatedBucket } from '../../services/bucket/simulated-bucket.ts';
import { SimulatedBuckets } from '../../services/bucket/simulated-buckets.ts';
import { SimulatedQueues } from '../../services/queue/simulated-queues.ts';
import { SimulatedEventBus } from '../../services/simulated-event-bus.ts';
import { SimulatedParameters } from '../../services/simulated-parameters.ts';
import { SimulatedSecrets } from '../../services/simulated-secrets.ts';
import { SimulatedTable } from '../../services/table/simulated-table.ts';
import { clientOf, type Wire } from '../../services/wire.ts';
import {
  BUCKET,
  BUS,
  type ConformanceWorld,
  MAX_RECEIVES,
  PARAMETERS,
  SECRETS,
  TABLE,
  VERSIONED_BUCKET,
} from './world.ts';

/** The simulated services with nothing wrong: no lag, no faults. `operations` gets the name of each call. */
export function simulatedWorld(operations: Set<string>): ConformanceWorld {
  let nowMs = Date.parse('2026-05-04T10:00:00.500Z');
  let draws = 0;
  const now = () => nowMs;
  const random = () => {
    draws = (draws + 0.618_033_988_7) % 1;
    return draws;
  };
  const wire: Wire = async (request) => {
    operations.add(request.operation);
    return request.execute();
  };
  const createdEvents: string[] = [];
  const busEvents: unknown[] = [];
  const schema = { partitionKey: 'pk', sortKey: 'sk', indexes: INDEXES };
  const onCreated = (body: string) => createdEvents.push(body);
  const buckets = new SimulatedBuckets({
    [BUCKET]: new SimulatedBucket({ bucket: BUCKET, isVersioned: false, now, onCreated }),
    [VERSIONED_BUCKET]: new SimulatedBucket({ bucket: VERSIONED_BUCKET, isVersioned: true, now }),
  });
  const queues = new SimulatedQueues();
  const onEvent = ({ Detail }: { Detail?: string | undefined }) => busEvents.push(JSON.parse(Detail ?? ''));
  let made = 0;
  return {
    table: clientOf(new SimulatedTable({ tableName: TABLE, schema, now, indexLagMs: () => 0 }), wire),
    s3: clientOf(buckets, wire),
    sqs: clientOf(queues, wire),
    eventBridge: clientOf(new SimulatedEventBus({ name: BUS, onEvent }), wire),
    ssm: clientOf(new SimulatedParameters(() => PARAMETERS), wire),
    secretsManager: clientOf(new SimulatedSecrets(() => SECRETS), wire),
    createdEvents,
    busEvents,
    freshQueue() {
      made += 1;
      const dead = `dead-${made}`;
      const name = `queue-${made}`;
      queues.create({ name: dead, now, random });
      queues.create({ name, now, random, redrive: { deadLetterQueue: dead, maxReceiveCount: MAX_RECEIVES } });
      return { url: queues.urlOf(name), deadUrl: queues.urlOf(dead) };
    },
    async pass(ms) {
      nowMs += ms;
    },
    async stop() {},
  };
}
