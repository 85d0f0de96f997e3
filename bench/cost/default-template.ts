import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { QureDropoffStack } from '../../infra/qure-dropoff-stack.ts';

interface Resource {
  Type: string;
  Properties?: { Metrics?: { MetricStat?: object }[] };
}

/** What a deployment with one source is made of, by the template. */
export interface DeployedParts {
  alarms: number;
  /** An alarm is charged by its metrics. */
  alarmMetrics: number;
  dashboards: number;
  keys: number;
  secrets: number;
  queuesWithConsumer: number;
}

export function partsOfDeployment(): DeployedParts {
  const app = new App({ analyticsReporting: false, outdir: mkdtempSync(join(tmpdir(), 'cost-')) });
  const codeFor = () => Code.fromInline('exports.handler = () => {}');
  const stack = new QureDropoffStack(app, 'QureDropoff', { codeFor });
  const { Resources } = Template.fromStack(stack).toJSON() as { Resources: Record<string, Resource> };
  const ofType = (type: string) => Object.values(Resources).filter(({ Type }) => Type === type);
  const alarms = ofType('AWS::CloudWatch::Alarm');
  return {
    alarms: alarms.length,
    alarmMetrics: alarms.reduce((sum, alarm) => sum + metricsOf(alarm), 0),
    dashboards: ofType('AWS::CloudWatch::Dashboard').length,
    keys: ofType('AWS::KMS::Key').length,
    secrets: ofType('AWS::SecretsManager::Secret').length,
    queuesWithConsumer: ofType('AWS::Lambda::EventSourceMapping').length,
  };
}

function metricsOf({ Properties }: Resource): number {
  const used = Properties?.Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 0;
  return Math.max(1, used);
}
