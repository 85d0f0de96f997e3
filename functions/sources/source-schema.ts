import { TRIAGE_STATUSES } from '../qure/answer-facts.ts';
import { parseAssetHost } from '../qure/asset-hosts.ts';
import { readBaseUrl } from '../qure/base-url.ts';
import { readProxyUrl } from '../qure/network.ts';
import { INDICATION_PRESETS } from '../routing/indications.ts';
import { PRIORITIES } from '../routing/priority.ts';
import { productNameSchema, routingRuleSchema } from '../routing/rule-schema.ts';
import { DETAIL_TYPES } from '../shared/detail-types.ts';
import * as z from '../shared/schema.ts';
import { COMPLETION_MODES, QUALITY_MODES } from './source.ts';

/**
 * The shape of the sources document, option by option. The descriptions are what editors show
 * (schemas/sources.schema.json is made of this); what options demand of one another is in `source-relations.ts`.
 */

/** The parts of an ARN that AWS sets: partition, and the number of an account. */
const PARTITION = 'arn:aws[a-z-]*';
const ACCOUNT_ID = '[0-9]{12}';

/** Names become parameters, secrets, keys and policies. */
export const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9._-]{0,62})$/;
/**
 * Prefixes become part of keys, paths and policies; plain names only, and they end in a slash. Clients resolve the parts `.` and
 * `..` of a path before they send it, and S3 refuses some of them. Source: Amazon S3 user guide, "Naming Amazon S3 objects".
 */
const PREFIX_PATTERN = /^(?:(?!\.{1,2}\/)[A-Za-z0-9._-]+\/)+$/;
/** Leaves half of a key for what senders call their folders and files. */
const MAX_PREFIX_LENGTH = 512;
/** Source: AWS Secrets Manager API reference, "CreateSecret", Name. */
const SECRET_NAME_PATTERN = /^[A-Za-z0-9/_+=.@-]{1,512}$/;
const SECRET_NAME_EXPECTED = 'expected the name of a secret, of letters, digits and /_+=.@-';
const MOST_ASSET_HOSTS = 50;
/** Of standard topics: EventBridge has no FIFO topics as targets. Source: Amazon SNS API reference, "CreateTopic", Name. */
const TOPIC_ARN_PATTERN = new RegExp(`^${PARTITION}:sns:[a-z0-9-]+:${ACCOUNT_ID}:[A-Za-z0-9_-]{1,256}$`);
/** A role or a user. A session (`sts`) ends by itself, and the whole account is `accountId`. */
const PRINCIPAL_ARN_PATTERN = new RegExp(
  `^${PARTITION}:iam::${ACCOUNT_ID}:(?:role|user)/[A-Za-z0-9+=,.@_/-]{1,576}$`,
);
/** Source: AWS STS API reference, "AssumeRole", ExternalId. */
const EXTERNAL_ID_PATTERN = /^[A-Za-z0-9_+=,.@:/-]{2,1224}$/;

const MAX_SECONDS = 7 * 86_400;
const seconds = z.number().check(z.positive(), z.maximum(MAX_SECONDS));
/** A hundred years: for longer, leave the option out. */
const days = z.int().check(z.minimum(1), z.maximum(36_500));

const list = <T extends z.ZodMiniType>(item: T) =>
  z.array(item).check(z.minLength(1, 'expected at least one'));

function isPlainProxyUrl(text: string): boolean {
  const read = readProxyUrl(text);
  return read.kind === 'ok' && read.url.username === '' && read.url.password === '';
}

const qureSchema = z
  .strictObject({
    baseUrl: z.exactOptional(
      z.string().check(
        z.refine(
          // Whether plain http is allowed is a question of `network`, too.
          (text) => readBaseUrl(text, { allowHttp: true }).kind === 'ok',
          'expected https (plain http on loopback, or with network.allowHttp), without a user, a query and a fragment, and no link-local or metadata address',
        ),
        z.meta({
          format: 'uri',
          description:
            'The base URL that Qure issued, https except on loopback or with network.allowHttp. In the cloud, one in the secret wins over it.',
        }),
      ),
    ),
    source: z
      .exactOptional(z.string().check(z.minLength(1)))
      .check(z.describe('The Source that Qure issued. In the cloud, one in the secret wins over it.')),
    secretName: z
      .exactOptional(z.string().check(z.regex(SECRET_NAME_PATTERN, SECRET_NAME_EXPECTED)))
      .check(
        z.describe(
          'In the cloud: the name of a secret that is there already; then the deployment makes none. Not used on one machine.',
        ),
      ),
    token: z
      .exactOptional(z.string().check(z.minLength(1)))
      .check(z.describe('On one machine: the token itself; better use tokenEnv. Never deployed.')),
    tokenEnv: z
      .exactOptional(z.string().check(z.minLength(1)))
      .check(z.describe('On one machine: the environment variable that holds the token. Never deployed.')),
  })
  .check(z.describe('How Qure is reached for this source.'));

const networkSchema = z
  .strictObject({
    proxyUrl: z.exactOptional(
      z.string().check(
        z.refine(
          isPlainProxyUrl,
          'expected http://host:port or https://host:port of a proxy, without a user and a password: with them it belongs into the secret of the source',
        ),
        z.meta({
          format: 'uri',
          description:
            'A forward proxy for every request of this source, without a user and a password. One in the secret wins over it.',
        }),
      ),
    ),
    caSecretName: z
      .exactOptional(z.string().check(z.regex(SECRET_NAME_PATTERN, SECRET_NAME_EXPECTED)))
      .check(
        z.describe(
          'In the cloud: the name of a secret with PEM certificates, which are trusted besides the well-known ones. On one machine: caFile.',
        ),
      ),
    caFile: z
      .exactOptional(z.string().check(z.minLength(1)))
      .check(
        z.describe(
          'On one machine: a file with PEM certificates, from the folder of this document, which are trusted besides the well-known ones. Never deployed.',
        ),
      ),
    allowHttp: z
      .exactOptional(z.boolean())
      .check(
        z.describe(
          'Plain http to the base URL and to what assetHosts names: the token and the scans travel unencrypted.',
        ),
      ),
    assetHosts: z
      .exactOptional(
        list(
          z
            .string()
            .check(
              z.refine(
                (text) => parseAssetHost(text) !== undefined,
                'expected a host name, an address, or a range of private addresses such as 10.20.0.0/16; never loopback, link-local or metadata',
              ),
            ),
        ).check(z.maxLength(MOST_ASSET_HOSTS)),
      )
      .check(
        z.describe(
          'Where assets may be beyond public hosts: a host name with all names below it, an address, or a range of private addresses. With a proxy, also the public hosts.',
        ),
      ),
  })
  .check(z.describe('The way to Qure where it is not the open internet.'));

const retentionSchema = z
  .strictObject({
    scanDays: z
      .exactOptional(z.union([days, z.literal('never')]))
      .check(
        z.describe(
          'Days after which a dropped object expires, or never. Left out: 30 in a bucket that the deployment makes; in an existing one its owner decides.',
        ),
      ),
    resultDays: z
      .exactOptional(days)
      .check(z.describe('Days after which a stored result expires. Left out: never.')),
  })
  .check(z.describe('In the cloud: how long scans and results of this source are kept.'));

const notificationSchema = z.strictObject({
  events: list(z.enum(DETAIL_TYPES)).check(z.describe('Which events are sent to the topic.')),
  triageStatus: z
    .exactOptional(list(z.enum(TRIAGE_STATUSES)))
    .check(
      z.describe(
        'Only results with one of these; the only event that has one is "Series Done". Of an X-ray, critical means any abnormality: name the products as well.',
      ),
    ),
  products: z
    .exactOptional(list(productNameSchema))
    .check(z.describe('Only series for one of these; "Series Skipped" and "Object Quarantined" have none.')),
  findings: z
    .exactOptional(
      list(
        z
          .string()
          .check(z.regex(/^[A-Za-z0-9._-]{1,64}$/, 'expected a key of letters, digits, ".", "_" or "-"')),
      ),
    )
    .check(z.describe('Only results in which Qure calls one of these present; the keys are its own.')),
  topicArn: z
    .string()
    .check(
      z.regex(TOPIC_ARN_PATTERN, 'expected the ARN of a standard SNS topic'),
      z.describe('The ARN of an SNS topic in the account and region of the deployment.'),
    ),
});

const dropAccessSchema = z
  .strictObject({
    accountId: z
      .exactOptional(
        z
          .string()
          .check(
            z.regex(
              new RegExp(`^${ACCOUNT_ID}$`),
              'expected the 12 digits of an AWS account, as a text in quotes',
            ),
          ),
      )
      .check(
        z.describe('The AWS account of the sender, in quotes; its administrators say who of it may drop.'),
      ),
    principalArn: z
      .exactOptional(
        z.string().check(z.regex(PRINCIPAL_ARN_PATTERN, 'expected the ARN of an IAM role or user')),
      )
      .check(z.describe('The ARN of the one IAM role or user of the sender that may drop.')),
    externalId: z
      .string()
      .check(
        z.regex(EXTERNAL_ID_PATTERN, 'expected 2 to 1224 letters, digits and _+=,.@:/-'),
        z.describe('What the sender has to say when it takes the role; different for each sender.'),
      ),
  })
  .check(
    z.meta({
      description:
        'In the cloud: a role by which a sender of another AWS account drops below the prefix of this source. Exactly one of accountId and principalArn.',
      oneOf: [{ required: ['accountId'] }, { required: ['principalArn'] }],
    }),
  );

const completionSchema = z
  .strictObject({
    mode: z
      ._default(z.enum(COMPLETION_MODES), 'adaptive')
      .check(
        z.describe(
          'adaptive: how long a series has to be silent is learned from the past series of its sender. quiet: it is the quiet period.',
        ),
      ),
    floorSeconds: z.exactOptional(seconds).check(z.describe('What is learned is never less. Left out: 3.')),
  })
  .check(z.describe('How the silence of a sender is judged.'));

const productSchema = z.strictObject({
  name: productNameSchema.check(
    z.describe('Its name: on rows, in events, and where rules and people name it.'),
  ),
  results: z
    .enum(['series', 'instance'])
    .check(z.describe('Whether Qure gives results by SeriesInstanceUID, or by each SOPInstanceUID (v2).')),
  compute: z.boolean().check(z.describe('Whether Qure wants the compute call for it.')),
  usecase: z
    .exactOptional(z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected letters, digits, "_" or "-"')))
    .check(z.describe("What Qure's answers call it. Left out: the name in lower case.")),
});

export const sourceDocumentSchema = z
  .strictObject({
    prefix: z
      .exactOptional(
        z
          .string()
          .check(
            z.regex(
              PREFIX_PATTERN,
              'expected letters, digits, ".", "_" or "-" in each part, none of them "." or "..", ending in "/"',
            ),
            z.maxLength(MAX_PREFIX_LENGTH),
          ),
      )
      .check(
        z.describe(
          'Every key below it belongs to this source; ends in "/". Left out: the name of the source.',
        ),
      ),
    product: z
      .exactOptional(productNameSchema)
      .check(z.describe('Every image goes to this product, and no rule is asked.')),
    products: z
      .exactOptional(
        list(
          z.union([productNameSchema, productSchema], {
            error: 'expected the name of a product, or a definition',
          }),
        ),
      )
      .check(
        z.describe(
          'The products that are licensed; a CT for another one is skipped, and either X-ray product takes every X-ray. An entry may define a product that is not built in. Left out: all that are built in.',
        ),
      ),
    priority: z
      .exactOptional(z.enum(PRIORITIES))
      .check(
        z.describe(
          'urgent: everything that no rule calls routine. routine: the default rules make nothing urgent.',
        ),
      ),
    rules: z
      ._default(z.array(routingRuleSchema), [])
      .check(z.describe('Asked in order, before the default rules; the first that holds decides.')),
    useDefaultRules: z
      ._default(z.boolean(), true)
      .check(z.describe('Whether the default rules are asked after the rules.')),
    quietPeriodSeconds: z
      .exactOptional(seconds)
      .check(z.describe('A series is complete when no new instance came for so long.')),
    completion: z.exactOptional(completionSchema),
    maxWaitSeconds: z
      ._default(seconds, 900)
      .check(
        z.describe('The longest that a backlog of the ingest queue can put that off, from the last arrival.'),
      ),
    delivery: z
      .exactOptional(z.enum(['upload', 'external']))
      .check(z.describe('upload: the pipeline uploads to Qure. external: another system does.')),
    compute: z
      .exactOptional(z.enum(['call', 'automatic']))
      .check(z.describe('call: the pipeline makes the compute call. automatic: Qure starts by itself.')),
    quality: z
      .exactOptional(z.enum(QUALITY_MODES))
      .check(
        z.describe(
          'Slices of a CT that are missing or doubled. warn: they are told. hold: more instances are waited for, until maxWaitSeconds. refuse: the series fails.',
        ),
      ),
    localizers: z
      .exactOptional(z.enum(['upload', 'leave_out']))
      .check(
        z.describe(
          'Localizers among the slices of a CT. upload: they go along. leave_out: they are not uploaded.',
        ),
      ),
    accessionNumbers: z
      .exactOptional(z.enum(['keep', 'leave_out']))
      .check(
        z.describe(
          'Accession numbers of scans. keep: the table has them, and studies are found by them. leave_out: they are not stored.',
        ),
      ),
    indications: z
      .exactOptional(z.enum(INDICATION_PRESETS))
      .check(
        z.describe(
          'The clearances that hold: a scan outside them is skipped. none: it is sent, and what lies outside is said.',
        ),
      ),
    pollIntervalSeconds: z
      .exactOptional(seconds)
      .check(
        z.describe(
          'The first wait between two polls of results; later ones grow to four times it. Left out: learned from how long Qure has computed each product.',
        ),
      ),
    resultsTimeoutSeconds: z
      .exactOptional(seconds)
      .check(z.describe('Give up on results so long after Qure accepted the series.')),
    deliveryTimeoutSeconds: z
      .exactOptional(seconds)
      .check(
        z.describe(
          'Give up on bringing a series to Qure so long after it was taken up. Left out: as resultsTimeoutSeconds.',
        ),
      ),
    expects: z
      .exactOptional(
        list(
          z
            .string()
            .check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected the name of an asset type, for example sc')),
        ),
      )
      .check(
        z.describe(
          "Asset types that each of Qure's answers has, for example sc and report_pdf. One that lacks any is asked for again, and is FAILED with asset_missing after a while.",
        ),
      ),
    serviceLevelSeconds: z
      ._default(seconds, 3600)
      .check(
        z.describe('The results of a complete series are promised within so long; later counts as overdue.'),
      ),
    uploadConcurrency: z
      ._default(z.int().check(z.minimum(1), z.maximum(32)), 5)
      .check(z.describe('Upload requests at once for a series.')),
    maxConcurrentSeries: z
      .exactOptional(z.int().check(z.minimum(1), z.maximum(100)))
      .check(
        z.describe(
          'Series of this source that are brought to Qure at the same time. Left out: no limit of its own.',
        ),
      ),
    dailyBudget: z
      .exactOptional(z.int().check(z.minimum(1), z.maximum(20_000)))
      .check(z.describe('Computations of this source per UTC day. Left out: no limit.')),
    qure: z.exactOptional(qureSchema),
    network: z.exactOptional(networkSchema),
    retention: z.exactOptional(retentionSchema),
    notifications: z
      ._default(z.array(notificationSchema).check(z.maxLength(20)), [])
      .check(z.describe('In the cloud: SNS topics that are told of events of this source.')),
    dropAccess: z.exactOptional(dropAccessSchema),
  })
  .check(
    z.describe(
      'One sender of scans: a prefix of the drop bucket with its own Qure workspace, rules and times.',
    ),
  );

export const sourceNameSchema = z
  .string()
  .check(z.regex(NAME_PATTERN, 'expected a name of a-z, 0-9, ".", "_" or "-"'));

/** One source with the defaults that do not depend on where it runs. As it is written: `source-document.ts`. */
export type SourceEntry = z.output<typeof sourceDocumentSchema>;
