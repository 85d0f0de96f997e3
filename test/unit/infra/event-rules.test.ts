import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it, test } from 'vitest';
import { DETAIL_TYPES } from '../../../functions/shared/detail-types.ts';
import { type EventFilter, eventPatternOf } from '../../../infra/constructs/event-pattern.ts';
import type { OnEventProps } from '../../../infra/constructs/event-rule.ts';
import { newApp, newStack, SynthesizedTemplate } from './synthesized-template.ts';

const DEPLOYED = { sources: ['north', 'south'], products: ['qER', 'qCT', 'qXR', 'qMSK', 'qER-CTA'] };

function ruleOf(props: OnEventProps) {
  const { stack } = newStack();
  stack.dropoff.onEvent('Mine', props);
  const template = new SynthesizedTemplate(Template.fromStack(stack).toJSON() as never);
  return template.one('AWS::Events::Rule', 'DropoffOnEventMine')[1].Properties;
}

describe('the pattern of a filter', () => {
  test.each<{ name: string; filter: EventFilter; pattern: object }>([
    { name: 'everything', filter: {}, pattern: { source: ['qure-dropoff'] } },
    {
      name: 'kinds of events',
      filter: { detailTypes: ['Series Failed', 'Object Quarantined'] },
      pattern: { source: ['qure-dropoff'], detailType: ['Series Failed', 'Object Quarantined'] },
    },
    {
      name: 'every filter at once',
      filter: {
        detailTypes: ['Series Done'],
        sources: ['north', 'south'],
        products: ['qER'],
        findings: ['ICH'],
        triageStatus: 'critical',
      },
      pattern: {
        source: ['qure-dropoff'],
        detailType: ['Series Done'],
        detail: {
          source: ['north', 'south'],
          product: ['qER'],
          presentFindings: ['ICH'],
          triageStatus: ['critical'],
        },
      },
    },
    {
      name: 'reasons, whichever kind they come with',
      filter: { reasons: ['auth_rejected', 'my_own_rule'] },
      pattern: { source: ['qure-dropoff'], detail: { reason: ['auth_rejected', 'my_own_rule'] } },
    },
  ])('$name', ({ filter, pattern }) => {
    expect(eventPatternOf(filter, DEPLOYED)).toEqual(pattern);
  });

  test.each<{ name: string; filter: object; mistake: string }>([
    { name: 'an empty list', filter: { sources: [] }, mistake: 'sources: expected at least one, got none' },
    { name: 'no reasons', filter: { reasons: [] }, mistake: 'reasons: expected at least one, got none' },
    {
      name: 'a detail type that is misspelled',
      filter: { detailTypes: ['Series done'] },
      mistake: `detailTypes: expected one of ${DETAIL_TYPES.join(', ')}, got "Series done"`,
    },
    {
      name: 'a source that is not deployed',
      filter: { sources: ['nord'] },
      mistake: 'sources: expected one of north, south, got "nord"',
    },
    {
      name: 'a product that Qure does not have',
      filter: { products: ['qer'] },
      mistake: 'products: expected one of qER, qCT, qXR, qMSK, qER-CTA, got "qer"',
    },
    {
      name: 'another triage status',
      filter: { triageStatus: 'urgent' },
      mistake: 'triageStatus: expected one of critical, routine, got "urgent"',
    },
    {
      name: 'a reason that is no code',
      filter: { reasons: ['Auth rejected'] },
      mistake: 'reasons: expected a code of a-z, 0-9 and "_", got "Auth rejected"',
    },
    {
      name: 'a finding that is no key',
      filter: { findings: ['a bleed'] },
      mistake: 'findings: expected a key of letters, digits, ".", "_" or "-", got "a bleed"',
    },
    { name: 'no finding at all', filter: { findings: [] }, mistake: 'findings: expected at least one' },
    {
      name: 'a finding of what has none',
      filter: { detailTypes: ['Series Unsupported'], findings: ['ICH'] },
      mistake: 'Series Unsupported has no presentFindings',
    },
    {
      name: 'a triage status of what has none',
      filter: { detailTypes: ['Series Done', 'Series Unsupported'], triageStatus: 'critical' },
      mistake: 'Series Unsupported has no triageStatus',
    },
    {
      name: 'a reason of what has none',
      filter: { detailTypes: ['Series Done'], reasons: ['no_route'] },
      mistake: 'Series Done has no reason',
    },
    {
      name: 'a product of what has none',
      filter: { detailTypes: ['Object Quarantined'], products: ['qER'] },
      mistake: 'Object Quarantined has no product',
    },
  ])('refuses $name', ({ filter, mistake }) => {
    expect(() => eventPatternOf(filter as EventFilter, DEPLOYED)).toThrow(mistake);
  });

  it('reports all mistakes at once', () => {
    const filter = { sources: ['nord'], detailTypes: ['Series Skipped'], products: ['qER'] } as EventFilter;
    expect(() => eventPatternOf(filter, DEPLOYED)).toThrow(/nord.*Series Skipped has no product/s);
  });
});

describe('onEvent', () => {
  it('makes a rule on the bus of the pipeline', () => {
    expect(ruleOf({ detailTypes: ['Series Done'], description: 'findings' })).toMatchObject({
      EventBusName: 'default',
      EventPattern: { source: ['qure-dropoff'], 'detail-type': ['Series Done'] },
      Description: 'findings',
      State: 'ENABLED',
    });
  });

  it('makes a rule on the given bus', () => {
    const stack = new Stack(newApp(), 'Neighbour');
    const { stack: own } = newStack({ eventBus: EventBus.fromEventBusName(stack, 'Bus', 'clinic') });
    own.dropoff.onEvent('Mine', {});
    const template = new SynthesizedTemplate(Template.fromStack(own).toJSON() as never);
    expect(template.one('AWS::Events::Rule', 'DropoffOnEventMine')[1].Properties.EventBusName).toBe('clinic');
  });

  it('accepts the sources of its deployment', () => {
    expect(() => ruleOf({ sources: ['default'] })).not.toThrow();
    expect(() => ruleOf({ sources: ['other'] })).toThrow('sources: expected one of default, got "other"');
  });

  it('accepts an id that a construct of the pipeline has', () => {
    const { stack } = newStack();
    expect(() => stack.dropoff.onEvent('Keys', {})).not.toThrow();
  });

  it.each([
    { name: "in the target's stack, which may read results", isThere: true },
    { name: 'beside the pipeline, which then waits for a stack that waits for it', isThere: false },
  ])('makes a rule $name', ({ isThere }) => {
    const { app, stack } = newStack();
    const neighbour = new Stack(app, 'Neighbour');
    const topic = new Topic(neighbour, 'Topic', { displayName: stack.dropoff.resultsBucket.bucketArn });
    const target = new SnsTopic(topic);
    const make = () => {
      stack.dropoff.onEvent('Mine', { target, ...(isThere && { crossStackScope: neighbour }) });
      return Template.fromStack(neighbour);
    };
    if (isThere) make().resourceCountIs('AWS::Events::Rule', 1);
    else expect(make).toThrow(/cyclic reference/);
  });
});
