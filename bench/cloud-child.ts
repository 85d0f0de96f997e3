import { startEmbeddedCloud } from './embedded-cloud.ts';

/** S3 and DynamoDB in a process of their own, for as long as the one that has started it. Started by cloud-process.ts. */
const { s3Url, tableUrl, close } = await startEmbeddedCloud();
process.once('disconnect', () => {
  close().finally(() => process.exit(0));
});
process.send?.({ s3Url, tableUrl });
