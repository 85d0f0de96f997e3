/** A value of a CloudFormation template after JSON.parse. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Account and region of every local ARN. The emulated services use the same. */
export const LOCAL_ACCOUNT_ID = '000000000000';
export const LOCAL_REGION = 'us-east-1';

/** The values of `Ref` and `Fn::GetAtt` for one resource. */
export interface ResourceReference {
  ref: string;
  attributes: Record<string, string>;
}

export type LookUp = (logicalId: string) => ResourceReference | undefined;

/** The template contains something that the local cloud cannot evaluate. The data are not the cause. */
export class TemplateError extends Error {
  override name = 'TemplateError';
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Replaces the intrinsic functions of `value` by their values on this machine.
 * @throws TemplateError for an unknown function or reference; `where` names its place. Source: AWS CloudFormation User
 * Guide, "Intrinsic function reference".
 */
export function resolveIntrinsics(value: Json, lookUp: LookUp, where: string): Json {
  if (Array.isArray(value)) return value.map((item, i) => resolveIntrinsics(item, lookUp, `${where}[${i}]`));
  if (!isObject(value)) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (only !== undefined && entries.length === 1 && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) {
    return call(only[0], only[1], lookUp, where);
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, resolveIntrinsics(item, lookUp, `${where}.${key}`)]),
  );
}

function call(name: string, argument: Json, lookUp: LookUp, where: string): Json {
  switch (name) {
    case 'Ref':
      return reference(asString(argument, name, where), lookUp, where).ref;
    case 'Fn::GetAtt': {
      const [id, attribute] = attributePath(argument, where);
      return getAttribute(id, attribute, lookUp, where);
    }
    case 'Fn::Join': {
      const [separator, list] = asPair(resolveIntrinsics(argument, lookUp, where), name, where);
      return asList(list, name, where)
        .map((item) => asString(item, name, where))
        .join(asString(separator, name, where));
    }
    case 'Fn::Split': {
      const [separator, text] = asPair(resolveIntrinsics(argument, lookUp, where), name, where);
      return asString(text, name, where).split(asString(separator, name, where));
    }
    case 'Fn::Select': {
      const [index, list] = asPair(resolveIntrinsics(argument, lookUp, where), name, where);
      const item = asList(list, name, where)[Number(index)];
      if (item === undefined) throw new TemplateError(`${where}: ${name} has no item ${String(index)}`);
      return item;
    }
    case 'Fn::Sub':
      return substitute(argument, lookUp, where);
    default:
      throw new TemplateError(
        `${where}: expected one of Ref, Fn::GetAtt, Fn::Join, Fn::Split, Fn::Select, Fn::Sub, got ${name}; ` +
          'add the function to local/cloud/intrinsics.ts, or avoid it in infra/',
      );
  }
}

function substitute(argument: Json, lookUp: LookUp, where: string): string {
  const [text, map] = Array.isArray(argument) ? argument : [argument];
  const template = asString(text ?? null, 'Fn::Sub', where);
  const values = resolveIntrinsics(map ?? null, lookUp, where);
  return template.replace(/\$\{(!?)([^}]*)\}/g, (_all, literal: string, name: string) => {
    if (literal !== '') return `\${${name}}`;
    const given = isObject(values) ? values[name] : undefined;
    if (given !== undefined) return asString(given, 'Fn::Sub', where);
    const dot = name.indexOf('.');
    return dot < 0
      ? reference(name, lookUp, where).ref
      : getAttribute(name.slice(0, dot), name.slice(dot + 1), lookUp, where);
  });
}

function reference(id: string, lookUp: LookUp, where: string): ResourceReference {
  const found = PSEUDO_PARAMETERS[id] ?? lookUp(id);
  if (found === undefined) {
    throw new TemplateError(
      `${where}: expected the name of a resource, parameter or pseudo parameter, got ${id}`,
    );
  }
  return found;
}

function getAttribute(id: string, attribute: string, lookUp: LookUp, where: string): string {
  const value = reference(id, lookUp, where).attributes[attribute];
  if (value === undefined) {
    throw new TemplateError(`${where}: the local cloud has no attribute ${attribute} of ${id}`);
  }
  return value;
}

function attributePath(argument: Json, where: string): [string, string] {
  if (typeof argument === 'string') {
    const dot = argument.indexOf('.');
    if (dot > 0) return [argument.slice(0, dot), argument.slice(dot + 1)];
  }
  const [id, attribute] = asPair(argument, 'Fn::GetAtt', where);
  return [asString(id, 'Fn::GetAtt', where), asString(attribute, 'Fn::GetAtt', where)];
}

function asString(value: Json, name: string, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TemplateError(`${where}: ${name} expected a text, got ${value === null ? 'null' : typeof value}`);
}

function asList(value: Json, name: string, where: string): Json[] {
  if (Array.isArray(value)) return value;
  throw new TemplateError(`${where}: ${name} expected a list, got ${typeof value}`);
}

function asPair(value: Json, name: string, where: string): [Json, Json] {
  const list = asList(value, name, where);
  const [first, second] = list;
  if (first === undefined || second === undefined || list.length !== 2) {
    throw new TemplateError(`${where}: ${name} expected a list of two, got ${list.length}`);
  }
  return [first, second];
}

const PSEUDO_PARAMETERS: Record<string, ResourceReference | undefined> = Object.fromEntries(
  Object.entries({
    'AWS::Region': LOCAL_REGION,
    'AWS::AccountId': LOCAL_ACCOUNT_ID,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': 'QureDropoff',
    'AWS::StackId': `arn:aws:cloudformation:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:stack/QureDropoff/local`,
  }).map(([name, ref]) => [name, { ref, attributes: {} }]),
);
