export type { ObjectCreated } from './journal.ts';
export { startS3Server } from './s3-server.ts';
