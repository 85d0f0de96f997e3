import { readFileSync } from 'node:fs';
import type { QureDropoffStackProps } from '../qure-dropoff-stack.ts';
import { readContextOptions } from './context-options.ts';
import { readSourcesFile } from './sources-file.ts';

/** The context of cdk.json, which the CDK's command line would pass: with it the template is the same without the command line. */
export function cdkJsonContext(): Record<string, unknown> {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')) as {
    context: Record<string, unknown>;
  };
  return context;
}

/**
 * The properties of the stack that the options after `-c` and in cdk.json say.
 * @throws MistakesError with every mistake
 */
export function stackPropsOf(context: Readonly<Record<string, unknown>>): QureDropoffStackProps {
  const { sources, logRetentionDays, canarySource, computeConcurrency, ...options } =
    readContextOptions(context);
  return {
    ...(sources !== undefined && { sources: readSourcesFile(sources) }),
    ...(logRetentionDays !== undefined && { logRetention: logRetentionDays }),
    ...(canarySource !== undefined && { canary: { source: canarySource } }),
    ...(computeConcurrency !== undefined && { stages: { compute: { maxConcurrency: computeConcurrency } } }),
    ...options,
  };
}
