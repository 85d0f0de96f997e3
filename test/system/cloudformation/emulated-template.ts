import { readFileSync, writeFileSync } from 'node:fs';

export interface TemplateResource {
  Type: string;
  Properties?: Record<string, unknown>;
  DependsOn?: string | string[];
}

export interface Template {
  Resources: Record<string, TemplateResource>;
  Outputs?: Record<string, { Value: unknown }>;
}

/**
 * Types of our template that moto 5.2.1 does not create, and what that takes from the proof. A type that it creates by now
 * fails the test, so that this table shrinks.
 */
export const UNKNOWN_TYPES: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Api': 'the function behind it is called as it calls it, with payload format 2.0',
  'AWS::ApiGatewayV2::Integration': 'as its API',
  'AWS::ApiGatewayV2::Route': 'as its API; the unit tests read who may call it in the template',
  'AWS::ApiGatewayV2::Stage': 'as its API',
  'AWS::CloudWatch::Alarm':
    'moto has alarms but no CloudFormation for them; the unit tests read them in the template',
  'AWS::Lambda::EventInvokeConfig': 'nothing here is invoked asynchronously',
  'AWS::S3::BucketPolicy': 'moto does not enforce it for these calls; the unit tests read it in the template',
  'AWS::SQS::QueuePolicy': 'moto delivers notifications without it; the unit tests read it in the template',
  'AWS::SecretsManager::Secret':
    'created through the API of Secrets Manager instead, as the operator fills it',
};

/** Types of which moto creates those only that speak of nothing in the table above. */
export const DEPENDENT_TYPES: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Dashboard': 'shows the alarms',
  'AWS::Lambda::Permission': 'lets the HTTP API call its function; those of the schedules are created',
};

/** Properties that moto's CloudFormation breaks at, without which the resource is as good for the proof. */
export const BROKEN_PROPERTIES = [
  {
    type: 'AWS::KMS::Key',
    property: 'Tags',
    why: 'moto hands the tags of a template to its KMS, which names their parts otherwise (KeyError: TagKey)',
  },
  {
    type: 'AWS::SSM::Parameter',
    property: 'Tags',
    why: 'moto expects a list, where CloudFormation has a map for this type (TypeError: string indices)',
  },
] as const;

/** Secrets Manager ends an ARN by six characters of its own, which no policy of a template knows before. */
const SECRET_ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:';

/** Says by the name of a secret what the template says by a reference to it, since the secret itself is left out. */
function nameSecrets(template: Template): void {
  const arns = new Map(
    idsOf(template, ({ Type }) => Type === 'AWS::SecretsManager::Secret').map((id) => [
      id,
      `${SECRET_ARN}${template.Resources[id]?.Properties?.['Name']}-??????`,
    ]),
  );
  const named = JSON.parse(JSON.stringify(template.Resources), (_key, value) => {
    const { Ref: id } = Object(value) as { Ref?: unknown };
    return (typeof id === 'string' ? arns.get(id) : undefined) ?? value;
  });
  Object.assign(template.Resources, named);
}

export function readTemplate(path: string): Template {
  return JSON.parse(readFileSync(path, 'utf8')) as Template;
}

/** Leaves out of a synthesized template, in place, what the tables say, and outputs that speak of it. */
export function adaptToMoto(path: string): Template {
  const template = readTemplate(path);
  const isLeftOut = (type: string) => UNKNOWN_TYPES[type] !== undefined;
  const gone = new Set(idsOf(template, ({ Type }) => isLeftOut(Type)));
  nameSecrets(template);
  for (const id of gone) delete template.Resources[id];
  for (const id of idsOf(template, (one) => DEPENDENT_TYPES[one.Type] !== undefined && speaksOf(one, gone))) {
    gone.add(id);
    delete template.Resources[id];
  }
  for (const [name, { Value }] of Object.entries(template.Outputs ?? {}))
    if (speaksOf(Value, gone)) delete template.Outputs?.[name];
  for (const resource of Object.values(template.Resources)) {
    const { Environment: environment } = resource.Properties ?? {};
    // A variable of a function may name it among others.
    if (resource.Properties !== undefined && environment !== undefined)
      resource.Properties['Environment'] = withoutRefs(environment, gone);
    if (resource.DependsOn !== undefined)
      resource.DependsOn = [resource.DependsOn].flat().filter((id) => !gone.has(id));
    for (const { type, property } of BROKEN_PROPERTIES)
      if (resource.Type === type) delete resource.Properties?.[property];
  }
  writeFileSync(path, JSON.stringify(template));
  return template;
}

function withoutRefs(value: unknown, gone: ReadonlySet<string>): unknown {
  return JSON.parse(JSON.stringify(value), (_key, one) => {
    const { Ref: id } = Object(one) as { Ref?: unknown };
    return typeof id === 'string' && gone.has(id) ? 'left-out' : one;
  });
}

function idsOf(template: Template, isMeant: (resource: TemplateResource) => boolean): string[] {
  return Object.entries(template.Resources).flatMap(([id, resource]) => (isMeant(resource) ? [id] : []));
}

function speaksOf(value: unknown, ids: ReadonlySet<string>): boolean {
  const text = JSON.stringify(value);
  return [...ids].some((id) => text.includes(`"${id}"`));
}
