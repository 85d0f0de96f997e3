import { Stack } from 'aws-cdk-lib';
import { expect, it } from 'vitest';
import { QureDropoff } from '../../../infra/qure-dropoff.ts';
import { MANY_SITES } from './deployments.ts';
import { inlineCode, newApp, synthesize, templateOf } from './synthesized-template.ts';

const props = { codeFor: inlineCode, sources: MANY_SITES };

it('a construct has the outputs of the ready stack, for whoever asks for them', () => {
  const stack = new Stack(newApp(), 'QureDropoff');
  new QureDropoff(stack, 'Dropoff', props).addOutputs();
  expect(templateOf(stack).outputs).toEqual(synthesize(props).outputs);
});

it('two constructs of one stack distinguish theirs by a prefix', () => {
  const stack = new Stack(newApp(), 'Both');
  for (const id of ['North', 'South']) {
    const dropoff = new QureDropoff(stack, id, { codeFor: inlineCode, appName: id.toLowerCase() });
    dropoff.addOutputs(id);
  }
  const names = Object.keys(templateOf(stack).outputs);
  expect(names).toEqual(
    expect.arrayContaining(['NorthDropBucketName', 'SouthDropBucketName', 'NorthApiUrl']),
  );
  expect(names).not.toContain('DropBucketName');
});
