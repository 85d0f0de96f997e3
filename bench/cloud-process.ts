import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { EmbeddedCloud } from './embedded-cloud.ts';

export type CloudUrls = Pick<EmbeddedCloud, 's3Url' | 'tableUrl'>;

/** The embedded S3 and DynamoDB in another process, so that the CPU time of this one is that of what is measured. */
export async function startCloudProcess(): Promise<CloudUrls & { close(): Promise<void> }> {
  const child = fork(fileURLToPath(new URL('cloud-child.ts', import.meta.url)));
  const [urls] = (await once(child, 'message')) as [CloudUrls];
  return {
    ...urls,
    async close() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
