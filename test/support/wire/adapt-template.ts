import { readFileSync, writeFileSync } from 'node:fs';

export interface TemplateChanges {
  /** Of every queue, instead of minutes: what fails comes again so soon, within a test's patience. Default: as deployed. */
  visibilitySeconds?: number;
  /**
   * Every message is worked on alone, so that a fault strikes its own workload and no batch fails for many of them in turn.
   * Default: batches as deployed.
   */
  isUnbatched?: boolean;
}

interface Template {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
}

/** Changes a synthesized template in place. */
export function adaptTemplate(
  templatePath: string,
  { visibilitySeconds, isUnbatched = false }: TemplateChanges,
): void {
  const template = JSON.parse(readFileSync(templatePath, 'utf8')) as Template;
  for (const { Type, Properties = {} } of Object.values(template.Resources)) {
    if (visibilitySeconds !== undefined && Properties['VisibilityTimeout'] !== undefined) {
      Properties['VisibilityTimeout'] = visibilitySeconds;
    }
    if (isUnbatched && Type === 'AWS::Lambda::EventSourceMapping') {
      Properties['BatchSize'] = 1;
      Properties['MaximumBatchingWindowInSeconds'] = 0;
    }
  }
  writeFileSync(templatePath, JSON.stringify(template, undefined, 1));
}
