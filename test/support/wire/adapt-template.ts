import { readFileSync, writeFileSync } from 'node:fs';

export interface TemplateChanges {
  /** Of every queue, instead of minutes: what fails comes again so soon, within a test's patience. Default: as deployed. */
  visibilitySeconds?: number;
  /**
   * Every message is worked on alone, so that a fault strikes its own workload and no batch fails for many of them in turn.
   * Default: batches as deployed.
   */
  isUnbatched?: boolean;
  /** What runs every minute runs at the start and when the test asks for it. Default: as deployed. */
  isUnscheduled?: boolean;
}

interface Template {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
}

/** On a busy machine a message comes again, time after time, while its first run is still at work. */
const MANY_RECEIVES = 200;

/** Changes a synthesized template in place. */
export function adaptTemplate(
  templatePath: string,
  { visibilitySeconds, isUnbatched = false, isUnscheduled = false }: TemplateChanges,
): void {
  const template = JSON.parse(readFileSync(templatePath, 'utf8')) as Template;
  for (const { Type, Properties = {} } of Object.values(template.Resources)) {
    if (isUnscheduled && Properties['ScheduleExpression'] !== undefined) {
      Properties['ScheduleExpression'] = 'rate(1 day)';
    }
    if (visibilitySeconds !== undefined && Properties['VisibilityTimeout'] !== undefined) {
      Properties['VisibilityTimeout'] = visibilitySeconds;
    }
    if (isUnbatched && Type === 'AWS::Lambda::EventSourceMapping') {
      Properties['BatchSize'] = 1;
      Properties['MaximumBatchingWindowInSeconds'] = 0;
    }
  }
  const text = JSON.stringify(template, undefined, 1);
  writeFileSync(templatePath, visibilitySeconds === undefined ? text : withReceives(text, MANY_RECEIVES));
}

/** Of the redrive policies, and of the same numbers as the functions have them. */
function withReceives(template: string, receives: number): string {
  return template
    .replaceAll(/("maxReceiveCount": )\d+/g, `$1${receives}`)
    .replaceAll(/(\\"maxReceives\\":)\d+/g, `$1${receives}`);
}
