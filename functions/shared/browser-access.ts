/**
 * What the page may do with presigned links to a bucket (CORS): `infra/` writes it into the buckets, the one-machine host into its S3.
 * Both import it, so this file must import nothing.
 */
export interface BrowserAccess {
  methods: readonly ('GET' | 'HEAD' | 'PUT')[];
  /** A header that is not listed fails the preflight request. */
  requestHeaders: readonly string[];
  exposedHeaders: readonly string[];
  maxAgeSeconds: number;
}

export const DROPS_OF_PAGE: BrowserAccess = {
  methods: ['PUT'],
  requestHeaders: ['content-type'],
  exposedHeaders: ['ETag'],
  maxAgeSeconds: 3600,
};

export const RESULTS_FOR_PAGE: BrowserAccess = {
  methods: ['GET', 'HEAD'],
  requestHeaders: ['range'],
  exposedHeaders: ['ETag', 'Content-Range'],
  maxAgeSeconds: 3600,
};
