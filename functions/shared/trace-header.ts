/**
 * The trace that a run belongs to, as AWS X-Ray writes it:
 * `Root=1-<8 digits>-<24 digits>;Parent=<16 digits>;Sampled=1;Lineage=…`. `undefined`: there is none.
 */
export type TraceHeader = () => string | undefined;

/** Hexadecimal digits, as X-Ray makes them; `Lineage` is Lambda's own. Source: AWS X-Ray developer guide, "Tracing header". */
const FIELDS: Readonly<Record<string, RegExp>> = {
  Root: /^1-[0-9a-f]{8}-[0-9a-f]{24}$/i,
  Parent: /^[0-9a-f]{16}$/i,
  Sampled: /^[01?]$/,
  Lineage: /^[0-9a-z:|.-]{1,255}$/i,
};

/**
 * What of a header is passed on: fields of the right shape, since SQS refuses a message and EventBridge an event with a
 * malformed one. `undefined` without a whole `Root`.
 */
export function checkedTraceHeader(text: string | undefined): string | undefined {
  const fields = fieldsOf(text);
  if (!fields.has('Root')) return undefined;
  return [...fields].map(([name, value]) => `${name}=${value}`).join(';');
}

/**
 * The same without `Lineage`, by which Lambda counts how often a message went round: what a person sends back begins anew.
 * Source: AWS Lambda developer guide, "Use Lambda recursive loop detection".
 */
export function withoutLineage(header: string | undefined): string | undefined {
  return checkedTraceHeader(header?.replace(/(?:^|;)Lineage=[^;]*/, ''));
}

/** The id under which X-Ray shows the trace. */
export function traceIdOf(header: string | undefined): string | undefined {
  return fieldsOf(header).get('Root');
}

function fieldsOf(text = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of text.split(';')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(0, at)).trim();
    const value = part.slice(at + 1).trim();
    if (Object.hasOwn(FIELDS, name) && FIELDS[name]?.test(value) === true && !found.has(name))
      found.set(name, value);
  }
  return found;
}
