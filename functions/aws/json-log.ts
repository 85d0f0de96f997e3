import { correlationIdOf } from '../instances/correlation.ts';
import type { Log, LogFields } from '../shared/log.ts';

/**
 * One line of JSON on standard output, as CloudWatch Logs takes it. A line about a series says its `correlationId` too.
 * `invocationFields`: what every line says of the run that writes it.
 */
export function createJsonLog(functionName: string, invocationFields: () => LogFields): Log {
  return (level, message, fields = {}) => {
    const line = {
      at: new Date().toISOString(),
      level,
      function: functionName,
      message,
      ...invocationFields(),
      ...correlation(fields),
      ...fields,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  };
}

function correlation({ source, seriesInstanceUid }: LogFields): LogFields {
  if (typeof source !== 'string' || typeof seriesInstanceUid !== 'string') return {};
  return { correlationId: correlationIdOf({ source, seriesInstanceUid }) };
}
