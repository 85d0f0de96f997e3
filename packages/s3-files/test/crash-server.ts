import { appendFileSync } from 'node:fs';
import { startS3Server } from '../src/s3-server.ts';

// A process for the crash test to kill: its data directory, and the file to which it writes what it was notified of.
const [dataDir = '', eventsFile = ''] = process.argv.slice(2);
const server = await startS3Server({
  dataDir,
  port: 0,
  buckets: ['drop'],
  notify: async (event) => appendFileSync(eventsFile, `${JSON.stringify(event)}\n`),
});
console.log(server.url);
