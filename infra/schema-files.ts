import { EVENT_SCHEMAS, type JsonSchema, schemaNameOf } from '../functions/core/event-schemas.ts';
import { DETAIL_TYPES } from '../functions/core/events.ts';

/** The JSON Schema dialect of every published schema. */
const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/** What `npm run schemas` writes below `schemas/`: path to schema. */
export function schemaFiles(): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    DETAIL_TYPES.map((detailType) => [
      `events/${schemaNameOf(detailType)}.schema.json`,
      { $schema: DIALECT, ...EVENT_SCHEMAS[detailType] },
    ]),
  );
}

/** As the files hold them. */
export function schemaText(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
