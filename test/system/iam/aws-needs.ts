import { LOCAL_REGION } from '../../../local/cloud/intrinsics.ts';
import type { DeployedFunction, DeployedTemplate } from './template-roles.ts';

interface AwsNeed {
  action: string;
  resource: string;
  context: Readonly<Record<string, string>>;
}

/** What AWS does in the name of a function's role, as the properties of the function and its mappings have it. */
export function awsNeedsOf(template: DeployedTemplate, fn: DeployedFunction): AwsNeed[] {
  const properties = template.propertiesOf(fn);
  return [
    ...logNeeds(template, properties),
    ...template.sourcesOf(fn).flatMap((queueArn) => pollerNeeds(template, queueArn)),
    ...('TracingConfig' in properties ? TRACING_NEEDS : []),
  ];
}

/** Source: AWS Lambda developer guide, "Sending Lambda function logs to CloudWatch Logs". */
function logNeeds(template: DeployedTemplate, properties: Record<string, unknown>): AwsNeed[] {
  const { LogGroup: group } = (properties['LoggingConfig'] ?? {}) as { LogGroup?: unknown };
  const at = template.resolve({ 'Fn::GetAtt': [(group as { Ref: string }).Ref, 'Arn'] });
  const stream = String(at).replace(/\*$/, 'log-stream:2026/03/01/[$LATEST]0');
  return ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => ({
    action,
    resource: stream,
    context: {},
  }));
}

/** Source: AWS Lambda developer guide, "Using Lambda with Amazon SQS", "Configuring permissions". */
function pollerNeeds(template: DeployedTemplate, resource: string): AwsNeed[] {
  const context = { 'aws:SecureTransport': 'true' };
  const key = template.keyOf(resource);
  return [
    ...['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'].map((action) => ({
      action,
      resource,
      context,
    })),
    ...(key === undefined
      ? []
      : [
          {
            action: 'kms:Decrypt',
            resource: key,
            context: { 'kms:ViaService': `sqs.${LOCAL_REGION}.amazonaws.com` },
          },
        ]),
  ];
}

/** Source: AWS Lambda developer guide, "Visualize Lambda function invocations using AWS X-Ray", "Execution role permissions". */
const TRACING_NEEDS: AwsNeed[] = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'].map((action) => ({
  action,
  resource: '*',
  context: {},
}));
