import { type IEventBus, type IRuleTarget, Rule, type RuleProps } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { type Deployed, type EventFilter, eventPatternOf } from './event-pattern.ts';

/** The events and their target. docs/automation.md has complete examples. */
export interface OnEventProps extends EventFilter, Pick<RuleProps, 'ruleName' | 'description' | 'enabled'> {
  /**
   * Receives the events. Add more targets, up to five, by `addTarget` of the rule.
   * @default none yet
   */
  target?: IRuleTarget;
  /**
   * Where the rule is made. Name a construct of the target's stack if that is another stack and uses resources of the
   * pipeline, for example reads its results. Otherwise each stack would depend on the other.
   * @default the pipeline
   */
  crossStackScope?: Construct;
}

/** @throws Error for a filter that no event could pass, with every mistake */
export function eventRule(
  scope: Construct,
  id: string,
  props: OnEventProps & { eventBus: IEventBus; deployed: Deployed },
): Rule {
  const { eventBus, deployed, target, crossStackScope, ruleName, description, enabled } = props;
  return new Rule(crossStackScope ?? scope, id, {
    eventBus,
    eventPattern: eventPatternOf(props, deployed),
    targets: target === undefined ? [] : [target],
    ...(ruleName !== undefined && { ruleName }),
    ...(description !== undefined && { description }),
    ...(enabled !== undefined && { enabled }),
  });
}
