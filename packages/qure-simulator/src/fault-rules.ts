import { z } from 'zod';

export const STAGES = ['upload', 'compute', 'results', 'asset'] as const;
export type Stage = (typeof STAGES)[number];

/** What an injected status says. */
const STATUS_BODIES = ['documented', 'json', 'text', 'html', 'empty', 'login', 'no_files'] as const;
export type StatusBody = (typeof STATUS_BODIES)[number];

const count = z.int().positive();
const milliseconds = z.int().nonnegative();
/** `before`: nothing happened. `after`: the effect is there, only the answer is lost. */
const when = z.enum(['before', 'after']).default('before');

/** What can go wrong, by kind. Kinds that name a stage in their comment do nothing elsewhere. */
const fault = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('status'),
      status: z.int().min(200).max(599),
      /**
       * `documented` is the JSON of Qure's page where there is one. `login` and `no_files` are what Qure shows for 401 and for an
       * upload without files: its examples swap the two, so either may come with any status.
       */
      body: z.enum(STATUS_BODIES).default('documented'),
      /** Seconds, or a date so many seconds from now with `retryAfterAs: date`. */
      retryAfterSeconds: z.int().nonnegative().optional(),
      retryAfterAs: z.enum(['seconds', 'date']).default('seconds'),
    })
    .refine(({ status, body }) => status >= 400 || body === 'login', 'below 400 only with body=login'),
  z.strictObject({ kind: z.literal('reset'), when }),
  z.strictObject({ kind: z.literal('hang'), when }),
  z.strictObject({ kind: z.literal('slow'), delayMs: milliseconds }),
  /** A whole HTTP answer with half of the body. */
  z.strictObject({ kind: z.literal('truncated_json') }),
  /** The connection ends in the middle of the body that Content-Length announced. */
  z.strictObject({ kind: z.literal('cut_off') }),
  z.strictObject({ kind: z.literal('not_json') }),
  z.strictObject({ kind: z.literal('huge_body'), bytes: count }),
  z.strictObject({
    kind: z.literal('redirect'),
    status: z
      .union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)])
      .default(302),
    /** Default: the same address, with a slash behind a path that has none. */
    to: z.string().optional(),
  }),
  /** upload: so many parts are answered as not registered, and are not. */
  z.strictObject({ kind: z.literal('unregistered_part'), parts: count.default(1) }),
  /** upload: so many parts are answered as registered, and are not held. */
  z.strictObject({ kind: z.literal('dropped_instance'), parts: count.default(1) }),
  /** upload: an instance that is held stays as it is, and the part is answered as registered, and not created. */
  z.strictObject({ kind: z.literal('kept_content') }),
  /** upload: everything is held, but the receipt counts fewer. */
  z.strictObject({ kind: z.literal('lagging_receipt'), instances: count.default(1) }),
  /** upload */
  z.strictObject({ kind: z.literal('missing_detailed_info') }),
  /** upload */
  z.strictObject({ kind: z.literal('license_expired') }),
  /** compute: accepted, and then the series is unknown. */
  z.strictObject({ kind: z.literal('forget_series') }),
  /** results: 202. */
  z.strictObject({
    kind: z.literal('still_processing'),
    body: z.enum(['message', 'reason']).default('message'),
  }),
  /** results: 409. */
  z.strictObject({ kind: z.literal('not_sent_to_compute') }),
  /** results: 400 with the reason that means "too early". */
  z.strictObject({ kind: z.literal('undetermined') }),
  /** results: URLs whose time is over already. */
  z.strictObject({ kind: z.literal('expired_urls') }),
  /** results: one more asset type of this name. */
  z.strictObject({ kind: z.literal('file_type'), type: z.string().default('../../x') }),
  /** results: the first URL of the first type is replaced. */
  z.strictObject({ kind: z.literal('file_url'), url: z.string() }),
  /** results: numbers, nulls and objects among the URLs. */
  z.strictObject({ kind: z.literal('file_values') }),
  /** results: `result` is `{}`. */
  z.strictObject({ kind: z.literal('empty_result') }),
  /** results: said to be of another use case. */
  z.strictObject({ kind: z.literal('other_usecase'), usecase: z.string().default('qct') }),
  /** results: 200, and the scan has not been read. */
  z.strictObject({ kind: z.literal('not_implemented') }),
  /** results: of no use case. */
  z.strictObject({ kind: z.literal('no_usecase') }),
  /** results: the format for a token of an older client. */
  z.strictObject({ kind: z.literal('legacy') }),
  /** results: without the assets of this type. */
  z.strictObject({ kind: z.literal('asset_left_out'), type: z.string().default('sc') }),
  /** results of a series that was computed again: the answer of the computation before. */
  z.strictObject({ kind: z.literal('old_result') }),
  /** asset: a DICOM file is of another study or another patient than the scan. */
  z.strictObject({ kind: z.literal('foreign_asset'), of: z.enum(['study', 'patient']).default('study') }),
  /** The body comes byte by byte, with so much time in between. */
  z.strictObject({ kind: z.literal('drip'), everyMs: milliseconds }),
  /** asset: said to be of this type. */
  z.strictObject({ kind: z.literal('content_type'), contentType: z.string() }),
  /** asset: followed by so many bytes of padding. */
  z.strictObject({ kind: z.literal('padded'), bytes: count }),
]);

export type Fault = z.infer<typeof fault>;
export type FaultKind = Fault['kind'];

/** When a fault strikes. All conditions that are given must hold; of several rules the first one strikes. */
const conditions = z.object({
  /** Default: every stage. */
  stage: z.enum(STAGES).optional(),
  /** Only calls whose path has this text: a UID, `/v2/`, an asset type. */
  pathIncludes: z.string().optional(),
  /** Let so many matching calls pass first. */
  skip: z.int().nonnegative().default(0),
  /** Strike so often; default: always. */
  times: count.optional(),
  /** Strike with this probability (0 to 1), by the seeded generator. */
  probability: z.number().min(0).max(1).optional(),
});

export const faultRuleSchema = z.strictObject({ ...conditions.shape, fault });
export type FaultRule = z.input<typeof faultRuleSchema>;
export type ParsedFaultRule = z.output<typeof faultRuleSchema>;
