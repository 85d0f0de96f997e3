import type { Resource } from './synthesized-template.ts';

type Resources = Readonly<Record<string, Resource>>;

/** The longest names that CloudFormation makes up, and others as long as they are allowed to be. */
const NAME_CHARACTERS: Readonly<Record<string, number>> = {
  'AWS::SQS::Queue': 80,
  'AWS::Lambda::Function': 64,
  'AWS::KMS::Key': 36,
  'AWS::S3::Bucket': 63,
};
const OTHER_NAME_CHARACTERS = 128;

const PSEUDO_PARAMETERS: Readonly<Record<string, string>> = {
  'AWS::AccountId': '111111111111',
  'AWS::Partition': 'aws-us-gov',
  'AWS::Region': 'ap-southeast-1',
  'AWS::URLSuffix': 'amazonaws.com',
};

/**
 * A value of a template as the service gets it, with the longest text in the place of each reference.
 * @throws Error for a function of CloudFormation that it does not know
 */
export function longest(resources: Resources, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => longest(resources, one));
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
  if (others.length === 0 && name === 'Ref') return referenced(resources, String(argument));
  if (others.length === 0 && name === 'Fn::GetAtt') {
    const [id, attribute] = argument as [string, string];
    const arn = `arn:aws-us-gov:service:ap-southeast-1:111111111111:type/${nameOf(resources, id)}`;
    return attribute.endsWith('Arn') ? arn : nameOf(resources, id);
  }
  if (others.length === 0 && name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map((part) => longest(resources, part)).join(separator);
  }
  if (others.length === 0 && name.startsWith('Fn::'))
    throw new Error(`Expected a known function, got ${name}.`);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, longest(resources, one)]));
}

function referenced(resources: Resources, id: string): string {
  const isQueue = resources[id]?.Type === 'AWS::SQS::Queue';
  const name = nameOf(resources, id);
  // A queue is referred to by its URL.
  return (
    PSEUDO_PARAMETERS[id] ??
    (isQueue ? `https://sqs.ap-southeast-1.amazonaws.com/111111111111/${name}` : name)
  );
}

function nameOf(resources: Resources, id: string): string {
  return 'x'.repeat(NAME_CHARACTERS[resources[id]?.Type ?? ''] ?? OTHER_NAME_CHARACTERS);
}
