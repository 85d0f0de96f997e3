import * as z from './schema.ts';

export const STAGES = ['upload', 'compute', 'results', 'asset'] as const;
export type Stage = (typeof STAGES)[number];

/** The body of an injected status. */
const STATUS_BODIES = ['documented', 'json', 'text', 'html', 'empty', 'login', 'no_files'] as const;
export type StatusBody = (typeof STATUS_BODIES)[number];

const count = z.int().check(z.positive());
const milliseconds = z.int().check(z.nonnegative());
/** `before`: without an effect. `after`: with the effect, and only the answer is lost. */
const when = z._default(z.enum(['before', 'after']), 'before');

/** The faults, by kind. Kinds with a stage in their comment have no effect in other stages. */
const fault = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('status'),
      status: z.int().check(z.minimum(200), z.maximum(599)),
      /**
       * `documented` is the JSON of Qure's page if there is one. `login` and `no_files` are Qure's bodies for 401 and
       * for an upload without files: its examples swap the two, so both may have any status.
       */
      body: z._default(z.enum(STATUS_BODIES), 'documented'),
      /** Seconds, or a date this many seconds from now with `retryAfterAs: date`. */
      retryAfterSeconds: z.optional(z.int().check(z.nonnegative())),
      retryAfterAs: z._default(z.enum(['seconds', 'date']), 'seconds'),
    })
    .check(
      z.refine(({ status, body }) => status >= 400 || body === 'login', 'below 400 only with body=login'),
    ),
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
    status: z._default(
      z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)]),
      302,
    ),
    /** Default: the same address, with a slash at the end of its path. */
    to: z.optional(z.string()),
  }),
  /** upload: this many parts are not registered, and reported as such. */
  z.strictObject({ kind: z.literal('unregistered_part'), parts: z._default(count, 1) }),
  /** upload: this many parts are reported as registered, but not stored. */
  z.strictObject({ kind: z.literal('dropped_instance'), parts: z._default(count, 1) }),
  /** upload: a stored instance keeps its content, and the part is reported as registered, and not created. */
  z.strictObject({ kind: z.literal('kept_content') }),
  /** upload: everything is stored, but the receipt counts fewer. */
  z.strictObject({ kind: z.literal('lagging_receipt'), instances: z._default(count, 1) }),
  /** upload */
  z.strictObject({ kind: z.literal('missing_detailed_info') }),
  /** upload */
  z.strictObject({ kind: z.literal('license_expired') }),
  /** compute: accepted, and then the series is unknown. */
  z.strictObject({ kind: z.literal('forget_series') }),
  /** results: 202. */
  z.strictObject({
    kind: z.literal('still_processing'),
    body: z._default(z.enum(['message', 'reason']), 'message'),
  }),
  /** results: 409. */
  z.strictObject({ kind: z.literal('not_sent_to_compute') }),
  /** results: 400 with the reason that means "too early". */
  z.strictObject({ kind: z.literal('undetermined') }),
  /** results: URLs that have already expired. */
  z.strictObject({ kind: z.literal('expired_urls') }),
  /** results: one additional asset type with this name. */
  z.strictObject({ kind: z.literal('file_type'), type: z._default(z.string(), '../../x') }),
  /** results: the first URL of the first type is replaced. */
  z.strictObject({ kind: z.literal('file_url'), url: z.string() }),
  /** results: numbers, nulls and objects among the URLs. */
  z.strictObject({ kind: z.literal('file_values') }),
  /** results: `result` is `{}`. */
  z.strictObject({ kind: z.literal('empty_result') }),
  /** results: with another use case. */
  z.strictObject({ kind: z.literal('other_usecase'), usecase: z._default(z.string(), 'qct') }),
  /** results: 200, and the scan has not been read. */
  z.strictObject({ kind: z.literal('not_implemented') }),
  /** results: without a use case. */
  z.strictObject({ kind: z.literal('no_usecase') }),
  /** results: the legacy format of an older client's token. */
  z.strictObject({ kind: z.literal('legacy') }),
  /** results: without the assets of this type. */
  z.strictObject({ kind: z.literal('asset_left_out'), type: z._default(z.string(), 'sc') }),
  /** results of a series that was computed again: the answer of the computation before. */
  z.strictObject({ kind: z.literal('old_result') }),
  /** asset: a DICOM file is of another study or another patient than the scan. */
  z.strictObject({ kind: z.literal('foreign_asset'), of: z._default(z.enum(['study', 'patient']), 'study') }),
  /** The body is sent byte by byte, with this delay in between. */
  z.strictObject({ kind: z.literal('drip'), everyMs: milliseconds }),
  /** asset: with this content type. */
  z.strictObject({ kind: z.literal('content_type'), contentType: z.string() }),
  /** asset: followed by this many bytes of padding. */
  z.strictObject({ kind: z.literal('padded'), bytes: count }),
]);

export type Fault = z.infer<typeof fault>;
export type FaultKind = Fault['kind'];

/** When a fault applies. All given conditions must be true; of several rules the first one applies. */
const conditions = z.object({
  /** Default: every stage. */
  stage: z.optional(z.enum(STAGES)),
  /** Only calls whose path has this text: a UID, `/v2/`, an asset type. */
  pathIncludes: z.optional(z.string()),
  /** The number of matching calls before the first fault. */
  skip: z._default(z.int().check(z.nonnegative()), 0),
  /** The number of faults; default: no limit. */
  times: z.optional(count),
  /** The probability of the fault (0 to 1), by the seeded generator. */
  probability: z.optional(z.number().check(z.minimum(0), z.maximum(1))),
});

export const faultRuleSchema = z.strictObject({ ...conditions.shape, fault });
export type FaultRule = z.input<typeof faultRuleSchema>;
export type ParsedFaultRule = z.output<typeof faultRuleSchema>;
