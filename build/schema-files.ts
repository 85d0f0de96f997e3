import { openApiDocument } from '../functions/api/openapi.ts';
import { findingsDocumentSchema } from '../functions/qure/findings/findings-schema.ts';
import { provenanceSchema } from '../functions/results/provenance-schema.ts';
import { EVENT_SCHEMAS, type JsonSchema, schemaNameOf } from '../functions/series/event-schemas.ts';
import { DETAIL_TYPES } from '../functions/shared/detail-types.ts';
import * as z from '../functions/shared/schema.ts';
import { sourceDocumentSchema, sourceNameSchema } from '../functions/sources/source-schema.ts';

/** The JSON Schema dialect of every published schema. */
const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** The sources document as a whole. Nothing reads by it: `parseSourcesDocument` reads source by source. */
const sourcesDocumentSchema = z
  .strictObject({
    $schema: z.exactOptional(z.string()).check(z.describe('Where an editor finds this schema. Not read.')),
    sources: z.record(sourceNameSchema, sourceDocumentSchema).check(
      z.meta({
        minProperties: 1,
        description:
          'The senders by their names. A name also names the parameter, the secret and the folder of results.',
      }),
    ),
  })
  .check(z.describe('Who sends scans to qure-dropoff, and what is done with them.'));

/** What `npm run schemas` writes below `schemas/`: path to schema. */
export function schemaFiles(): Readonly<Record<string, JsonSchema>> {
  const ofEvents = DETAIL_TYPES.map((detailType): [string, JsonSchema] => [
    `events/${schemaNameOf(detailType)}.schema.json`,
    { $schema: DIALECT, ...EVENT_SCHEMAS[detailType] },
  ]);
  // As people write it: what has a default may be left out.
  const ofSources = z.toJSONSchema(sourcesDocumentSchema, { io: 'input' }) as JsonSchema;
  // Open for readers, as the schemas of events are.
  const ofProvenance = {
    $id: 'urn:qure-dropoff:provenance:1',
    ...z.toJSONSchema(provenanceSchema, { io: 'input' }),
  } as JsonSchema;
  const ofFindings = z.toJSONSchema(findingsDocumentSchema) as JsonSchema;
  return {
    ...Object.fromEntries(ofEvents),
    'findings.schema.json': ofFindings,
    'openapi.json': openApiDocument(),
    'provenance.schema.json': ofProvenance,
    'sources.schema.json': ofSources,
  };
}

/** As the files hold them. */
export function schemaText(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
