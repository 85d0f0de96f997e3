import { CfnRegistry, CfnSchema } from 'aws-cdk-lib/aws-eventschemas';
import { Construct } from 'constructs';
import { bindingNameOf, eventDetailOpenApiSchema } from '../../functions/series/event-schemas.ts';
import { EVENT_SOURCE } from '../../functions/series/events.ts';
import { DETAIL_TYPES, type DetailType } from '../../functions/shared/detail-types.ts';

export interface EventSchemasProps {
  /** Names the registry, so that two deployments in one account and region have one each. */
  appName: string;
}

/**
 * The schemas of our events in an EventBridge registry, for the console, the toolkits and code bindings. A changed
 * schema becomes a new version; nothing reads them at run time.
 */
export class EventSchemas extends Construct {
  readonly registryName: string;

  constructor(scope: Construct, id: string, { appName }: EventSchemasProps) {
    super(scope, id);
    const registry = new CfnRegistry(this, 'Registry', {
      registryName: appName,
      description: 'qure-dropoff: the schemas of its events',
    });
    this.registryName = registry.attrRegistryName;
    for (const detailType of DETAIL_TYPES) {
      const title = bindingNameOf(detailType);
      new CfnSchema(this, title, {
        registryName: this.registryName,
        schemaName: `${EVENT_SOURCE}@${title}`,
        // The form of AWS's own schemas; JSON Schema (draft 4) would lack the envelope, and with it source and detail type.
        type: 'OpenApi3',
        description: `qure-dropoff: ${detailType}`,
        content: JSON.stringify(openApiDocument(detailType)),
      });
    }
  }
}

/**
 * One event with its envelope, in the format of the schema registry. Source: the content of EventBridge's own registry
 * `aws.events`, for example of `aws.s3@ObjectCreated`.
 */
export function openApiDocument(detailType: DetailType) {
  const title = bindingNameOf(detailType);
  return {
    openapi: '3.0.0',
    info: { version: '1.0.0', title },
    paths: {},
    components: {
      schemas: {
        AWSEvent: {
          type: 'object',
          required: ENVELOPE_MEMBERS,
          'x-amazon-events-detail-type': detailType,
          'x-amazon-events-source': EVENT_SOURCE,
          properties: {
            detail: { $ref: `#/components/schemas/${title}` },
            account: { type: 'string' },
            'detail-type': { type: 'string' },
            id: { type: 'string' },
            region: { type: 'string' },
            resources: { type: 'array', items: { type: 'string' } },
            source: { type: 'string' },
            time: { type: 'string', format: 'date-time' },
            version: { type: 'string' },
          },
        },
        [title]: eventDetailOpenApiSchema(detailType),
      },
    },
  };
}

/** Source: Amazon EventBridge user guide, "Event structure reference". */
const ENVELOPE_MEMBERS = [
  'detail-type',
  'resources',
  'detail',
  'id',
  'source',
  'time',
  'region',
  'version',
  'account',
];
