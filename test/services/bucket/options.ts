export interface SimulatedBucketOptions {
  bucket: string;
  isVersioned: boolean;
  /** Milliseconds since 1970. */
  now(): number;
  /** Gives the body of the event notification of each created object; S3 may deliver it late, twice or out of order. */
  onCreated?(eventBody: string, key: string): void;
  /** Keys of a page of ListObjectsV2. @default 1000 */
  pageKeys?: number;
  /** Whether the body of the next answer of GetObject breaks off half way. @default no */
  breaksOff?(): boolean;
  /** Hexadecimal, without quotes. @default the content's MD5; objects under SSE-KMS have another. Asked once an object. */
  etagOf?(bytes: Uint8Array): string | undefined;
}
