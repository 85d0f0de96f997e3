import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Declarations } from '../../../build/api/declarations.ts';
import { publicMembersOf } from '../../../build/api/public-members.ts';
import { type Manifest, manifestOf } from '../../../build/jsii/manifest.ts';
import { DETAIL_TYPES } from '../../../functions/shared/detail-types.ts';
import { METRICS_BY_SOURCE } from '../../../functions/shared/metrics.ts';
import { MeasuredConstruct } from '../../../infra/constructs/measured-construct.ts';
import ownManifest from '../../../jsii/package.json' with { type: 'json' };
import rootManifest from '../../../package.json' with { type: 'json' };

const REPOSITORY = new URL('../../../', import.meta.url);
const declarations = new Declarations();

/** The names of the public members that a type declares itself. */
function membersOf(file: string, type: string): string[] {
  const declared = declarations.find(fileURLToPath(new URL(file, REPOSITORY)), type);
  if (declared === undefined) throw new Error(`Expected ${type} in ${file}.`);
  return publicMembersOf(declared, () => false).flatMap(({ name }) => name?.getText() ?? []);
}

/** What jsii cannot have, or does not need, with what there is instead. */
const LEFT_OUT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  QureDropoffProps: { codeFor: 'A function cannot be handed over; the package has the code.' },
  QureDropoff: {
    keys: 'dataKey, messagesKey',
    completionQueue: 'The output CompletionQueueUrl: nobody else sends to it.',
    computeQueue: 'The output ComputeQueueUrl.',
    resultsQueue: 'The output ResultsQueueUrl.',
    urgentComputeQueue: 'The output UrgentComputeQueueUrl.',
    urgentResultsQueue: 'The output UrgentResultsQueueUrl.',
    sources: 'The outputs SourcesPath and SecretsPrefix.',
    patientKey: 'The output PatientKeySecretName.',
  },
};
/** What only jsii has. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  QureDropoff: ['readSourcesFile', 'dataKey', 'messagesKey', 'addAlarmAction'],
  IQureDropoff: ['metric'],
  Dropoff: ['metric'],
  // EventBridge's own, which TypeScript takes from the CDK.
  OnEventProps: ['ruleName', 'description', 'enabled'],
};

describe.each([
  ['QureDropoffProps', 'props', 'infra/qure-dropoff-props.ts'],
  ['ExistingDropBucket', 'props', 'infra/qure-dropoff-props.ts'],
  ['NetworkProps', 'props', 'infra/constructs/function-network.ts'],
  ['DeployedSource', 'props', 'infra/constructs/sources.ts'],
  ['CanaryOptions', 'props', 'infra/options/canary-settings.ts'],
  ['ConsoleOptions', 'props', 'infra/options/sign-in.ts'],
  ['SignInOptions', 'props', 'infra/options/sign-in.ts'],
  ['StageSettings', 'props', 'infra/options/stage-settings.ts'],
  ['PrioritizedStageSettings', 'props', 'infra/options/stage-settings.ts'],
  ['StagesSettings', 'props', 'infra/options/stage-settings.ts'],
  ['QureDropoffAttributes', 'attributes', 'infra/imported-qure-dropoff.ts'],
  ['PipelineAlarm', 'qure-dropoff', 'infra/constructs/alarms.ts'],
  ['IQureDropoff', 'qure-dropoff', 'infra/qure-dropoff-base.ts'],
  ['QureDropoff', 'qure-dropoff', 'infra/qure-dropoff.ts'],
])('%s of the jsii module', (type, facade, library) => {
  it('has the members that TypeScript has, but for those that are listed with a reason', () => {
    const leftOut = LEFT_OUT[type] ?? {};
    const expected = membersOf(library, type).filter((name) => !(name in leftOut));
    // A class of jsii has what both kinds of deployments have from its base.
    const inherited = type === 'QureDropoff' ? membersOf('jsii/qure-dropoff.ts', 'Dropoff') : [];
    const added = [...(ADDED[type] ?? []), ...inherited.filter((name) => !expected.includes(name))];
    const has = [...membersOf(`jsii/${facade}.ts`, type), ...inherited];
    expect(has.toSorted()).toEqual([...expected, ...added].toSorted());
  });

  it('lists no reason for what is not there', () => {
    const known = membersOf(library, type);
    expect(Object.keys(LEFT_OUT[type] ?? {}).filter((name) => !known.includes(name))).toEqual([]);
  });
});

it('the events of the jsii module have the filters of TypeScript, in one struct', () => {
  const expected = [
    ...membersOf('infra/constructs/event-pattern.ts', 'EventFilter'),
    ...membersOf('infra/constructs/event-rule.ts', 'OnEventProps'),
    ...(ADDED['OnEventProps'] ?? []),
  ];
  expect(membersOf('jsii/events.ts', 'OnEventProps').toSorted()).toEqual(expected.toSorted());
});

it('both kinds of deployments of the jsii module have what IQureDropoff has', () => {
  const both = membersOf('jsii/qure-dropoff.ts', 'Dropoff').toSorted();
  expect(both).toEqual(membersOf('jsii/qure-dropoff.ts', 'IQureDropoff').toSorted());
});

describe('the enums of the jsii module have the values of TypeScript:', () => {
  const METRICS = Object.getOwnPropertyNames(MeasuredConstruct.prototype).flatMap((name) =>
    name.startsWith('metric') && name !== 'metricsKeptBySource' ? [name.slice('metric'.length)] : [],
  );
  it.each<[string, string, readonly string[]]>([
    ['DetailType', 'events', DETAIL_TYPES],
    ['TriageStatus', 'events', ['critical', 'routine']],
    ['MetricsBySource', 'props', METRICS_BY_SOURCE],
    ['AlarmSeverity', 'props', ['critical', 'warning']],
    ['CanaryState', 'props', ['DONE', 'UNSUPPORTED', 'SKIPPED']],
    ['DropNotifications', 'props', ['eventbridge', 'sqs']],
    ['PipelineMetric', 'metrics', METRICS],
  ])('%s', (type, file, values) => {
    const text = readFileSync(new URL(`jsii/${file}.ts`, REPOSITORY), 'utf8');
    const [, body = ''] = new RegExp(`enum ${type} \\{(.*?)\\n\\}`, 's').exec(text) ?? [];
    const found = [...body.matchAll(/ = '([^']+)'/g)].map(([, value]) => value);
    expect(found.toSorted()).toEqual([...values].toSorted());
  });
});

describe('the package.json of the jsii module', () => {
  const own: Omit<Manifest, 'version'> = ownManifest;
  const root: Manifest = rootManifest;

  it('has the version, the peers and the Node of the package', () => {
    const { version, peerDependencies, engines } = root;
    expect(manifestOf(root, own)).toMatchObject({ version, peerDependencies, engines });
  });

  it('names a module of Go where the repository is known, and none otherwise', () => {
    expect(manifestOf(root, own).jsii?.targets).not.toHaveProperty('go');
    const url = 'git+https://github.com/hospital/scans.git';
    const { repository, jsii } = manifestOf({ ...root, repository: { type: 'git', url } }, own);
    expect(repository?.url).toBe(url);
    expect(jsii?.targets).toHaveProperty('go.moduleName', 'github.com/hospital/qure-dropoff-go');
    expect(jsii?.targets).toHaveProperty('python.module', 'qure_dropoff');
  });
});
