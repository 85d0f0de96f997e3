import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { QureDropoffStack, type QureDropoffStackProps } from '../../../infra/qure-dropoff-stack.ts';

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

export interface Statement {
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: unknown;
  Principal?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

/** Stands in for the bundles. */
export function inlineCode(): Code {
  return Code.fromInline('exports.handler = () => {}');
}

/** Under the feature flags of the real app. */
export function newApp(ownContext: Record<string, unknown> = {}): App {
  const cdkJson = new URL('../../../cdk.json', import.meta.url);
  const { context } = JSON.parse(readFileSync(cdkJson, 'utf8')) as { context: Record<string, unknown> };
  return new App({
    analyticsReporting: false,
    outdir: mkdtempSync(join(tmpdir(), 'app-')),
    context: { ...context, ...ownContext },
  });
}

/** The stack with inline code in place of the bundles; the feature flags are those of the real app. */
export function newStack(props: QureDropoffStackProps = {}): { app: App; stack: QureDropoffStack } {
  const app = newApp();
  return { app, stack: new QureDropoffStack(app, 'QureDropoff', { codeFor: inlineCode, ...props }) };
}

/** Also fails for circular dependencies, as `Template.fromStack` does. */
export function synthesize(props: QureDropoffStackProps = {}): SynthesizedTemplate {
  return templateOf(newStack(props).stack);
}

export function templateOf(stack: Stack): SynthesizedTemplate {
  return new SynthesizedTemplate(Template.fromStack(stack).toJSON() as TemplateJson);
}

interface TemplateJson {
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Value: unknown }>;
}

export class SynthesizedTemplate {
  readonly resources: Record<string, Resource>;
  readonly outputs: Record<string, { Value: unknown }>;

  constructor(json: TemplateJson) {
    this.resources = json.Resources;
    this.outputs = json.Outputs;
  }

  /** Of one type, with logical ids. */
  ofType(type: string): [string, Resource][] {
    return Object.entries(this.resources).filter(([, resource]) => resource.Type === type);
  }

  /** The one resource of a type whose logical id begins so. */
  one(type: string, idPrefix: string): [string, Resource] {
    const found = this.ofType(type).filter(([id]) => id.startsWith(idPrefix));
    const [first] = found;
    if (first === undefined || found.length > 1) {
      throw new Error(`Expected one ${type} beginning with ${idPrefix}, got ${found.length}.`);
    }
    return first;
  }

  /** The statements of the policies that hang on a queue or bucket. */
  policyOf(type: 'AWS::SQS::QueuePolicy' | 'AWS::S3::BucketPolicy', targetId: string): Statement[] {
    return this.ofType(type)
      .filter(([, { Properties }]) =>
        JSON.stringify(Properties.Queues ?? [Properties.Bucket]).includes(`"${targetId}"`),
      )
      .flatMap(([, { Properties }]) => statementsOf(Properties.PolicyDocument));
  }

  /** What the role of a function allows. */
  permissionsOf(functionIdPrefix: string): Statement[] {
    const [, role] = this.one('AWS::IAM::Role', `${functionIdPrefix}Role`);
    const policies = role.Properties.Policies as { PolicyDocument: unknown }[];
    return policies.flatMap(({ PolicyDocument }) => statementsOf(PolicyDocument));
  }

  /** Each physical thing that a text of the template refers to, by logical id. */
  referencesOf(value: unknown): string[] {
    const text = JSON.stringify(value);
    return Object.keys(this.resources).filter((id) => text.includes(`"${id}"`));
  }
}

export function statementsOf(document: unknown): Statement[] {
  return (document as { Statement: Statement[] }).Statement;
}

export function listOf<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}
