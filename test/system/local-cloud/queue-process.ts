/** Serves SQS until it is killed; the tests kill it. Argument: data directory. */
import { startQueues } from '../../../local/cloud/queues/local-queues.ts';
import { queueResource, queueWithDeadLetters } from '../../support/queue-resource.ts';

const queues = await startQueues({ dataDir: process.argv[2] ?? '' });
queues.apply([queueResource('dead'), queueWithDeadLetters('jobs', 'dead', 2)]);
process.stdout.write(`${queues.url}\n`);
