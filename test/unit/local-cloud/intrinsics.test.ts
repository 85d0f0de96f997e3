// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the syntax of Fn::Sub
import { describe, expect, it } from 'vitest';
import { type Json, resolveIntrinsics, TemplateError } from '../../../local/cloud/intrinsics.ts';

const resources = {
  Queue: {
    ref: 'http://127.0.0.1:1/000000000000/jobs',
    attributes: { Arn: 'arn:aws:sqs:us-east-1:000000000000:jobs' },
  },
  Bucket: { ref: 'drop', attributes: { Arn: 'arn:aws:s3:::drop' } },
};
const resolve = (value: Json) =>
  resolveIntrinsics(value, (id) => resources[id as keyof typeof resources], 'Here');

describe('resolveIntrinsics', () => {
  it.each<[string, Json, Json]>([
    ['Ref of a resource', { Ref: 'Bucket' }, 'drop'],
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['Fn::GetAtt as a list', { 'Fn::GetAtt': ['Bucket', 'Arn'] }, 'arn:aws:s3:::drop'],
    ['Fn::GetAtt with a dot', { 'Fn::GetAtt': 'Bucket.Arn' }, 'arn:aws:s3:::drop'],
    [
      'Fn::Join with functions inside',
      { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':x']] },
      'arn:aws:x',
    ],
    ['Fn::Select of Fn::Split', { 'Fn::Select': [1, { 'Fn::Split': ['-', 'a-b-c'] }] }, 'b'],
    [
      'Fn::Sub of resources and attributes',
      { 'Fn::Sub': '${Bucket}/${Queue.Arn}/${AWS::AccountId}' },
      'drop/arn:aws:sqs:us-east-1:000000000000:jobs/000000000000',
    ],
    ['Fn::Sub with own values', { 'Fn::Sub': ['${a}-${Bucket}', { a: { Ref: 'Bucket' } }] }, 'drop-drop'],
    ['Fn::Sub with a literal', { 'Fn::Sub': '${!Bucket}' }, '${Bucket}'],
    ['functions deep inside', { a: [{ b: { Ref: 'Bucket' } }], c: 1 }, { a: [{ b: 'drop' }], c: 1 }],
    ['an object that only looks like one', { Ref: 'Bucket', other: true }, { Ref: 'Bucket', other: true }],
  ])('resolves %s', (_name, value, expected) => {
    expect(resolve(value)).toEqual(expected);
  });

  it.each<[string, Json, RegExp]>([
    [
      'an unknown function',
      { a: { 'Fn::ImportValue': 'x' } },
      /^Here\.a: expected one of .* got Fn::ImportValue/,
    ],
    ['an unknown reference', { Ref: 'Nothing' }, /^Here: expected the name of a resource.* got Nothing/],
    ['an unknown attribute', { 'Fn::GetAtt': ['Bucket', 'Colour'] }, /no attribute Colour of Bucket/],
    ['a join that is no pair', { 'Fn::Join': [''] }, /Fn::Join expected a list of two, got 1/],
    ['a selection beyond the end', { 'Fn::Select': [3, ['a']] }, /Fn::Select has no item 3/],
  ])('refuses %s', (_name, value, message) => {
    expect(() => resolve(value)).toThrow(TemplateError);
    expect(() => resolve(value)).toThrow(message);
  });
});
