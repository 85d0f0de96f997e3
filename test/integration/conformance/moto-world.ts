import { setTimeout as sleep } from 'node:timers/promises';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startMoto } from '../../support/moto-server.ts';
import { MAX_RECEIVES, type QueueWorld } from './world.ts';

/** moto's queues over HTTP, as many as are asked for. */
export async function motoWorld(queueCount: number): Promise<QueueWorld> {
  const moto = await startMoto();
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const sqs = new SQSClient({ endpoint: moto.url, region: 'us-east-1', credentials, maxAttempts: 1 });
  const create = async (QueueName: string, Attributes = {}) => {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    return QueueUrl;
  };
  const fresh: { url: string; deadUrl: string }[] = [];
  for (let at = 0; at < queueCount; at += 1) {
    const deadUrl = await create(`dead-${at}`);
    const deadLetterTargetArn = `arn:aws:sqs:us-east-1:123456789012:dead-${at}`;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: MAX_RECEIVES });
    fresh.push({ deadUrl, url: await create(`queue-${at}`, { RedrivePolicy }) });
  }
  return {
    sqs,
    freshQueue() {
      const queue = fresh.pop();
      if (queue === undefined) throw new Error(`expected more than ${queueCount} queues`);
      return queue;
    },
    pass: (ms) => sleep(ms),
    async stop() {
      sqs.destroy();
      await moto.stop();
    },
  };
}
