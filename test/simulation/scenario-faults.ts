import * as fc from 'fast-check';
import {
  type AmbientFault,
  FAULT_PLACES,
  operationName,
  PLANNED_PLACES,
  type PlannedFault,
  ruleOf,
  type Stage,
  type Target,
} from './faults.ts';

/** The faults of a scenario: planned and ambient ones. */

/** An ambient fault that lasts too long for a stage to get on would only end in FAILED; an hour without Qure must not. */
const LONG_WEATHER = ['qure_down', 'qure_proxy', 'qure_busy', 'throttled', 'slow'];
const SHORT_WEATHER_SECONDS = 600;
const LONG_WEATHER_SECONDS = 3_600;

const seconds = (max: number) => fc.integer({ min: 0, max });

const faultAnywhere: fc.Arbitrary<PlannedFault> = fc
  .tuple(
    fc.constantFrom(...PLANNED_PLACES),
    fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 60 })),
  )
  .map(([place, nth]) => ({ ...place, nth }));

/** Requests on which most depends, and of which a stage makes few: by number alone they would seldom be met. */
const DECISIVE: readonly { stage: Stage; target: Target }[] = [
  { stage: 'index-instances', target: { service: 'dynamodb', operation: 'BatchWriteItem' } },
  { stage: 'index-instances', target: { service: 'sqs', operation: 'SendMessage' } },
  { stage: 'check-completion', target: { service: 'dynamodb', operation: 'PutItem' } },
  { stage: 'check-completion', target: { service: 'sqs', operation: 'SendMessage' } },
  { stage: 'compute', target: { service: 'dynamodb', operation: 'PutItem' } },
  { stage: 'compute', target: { service: 'qure', operation: 'upload' } },
  { stage: 'compute', target: { service: 'qure', operation: 'compute' } },
  { stage: 'compute', target: { service: 'sqs', operation: 'SendMessage' } },
  { stage: 'poll-results', target: { service: 'qure', operation: 'results' } },
  { stage: 'poll-results', target: { service: 'qure', operation: 'instance-results' } },
  { stage: 'poll-results', target: { service: 'qure', operation: 'asset' } },
  { stage: 'poll-results', target: { service: 'sqs', operation: 'SendMessage' } },
  { stage: 'reconcile', target: { service: 'dynamodb', operation: 'BatchWriteItem' } },
];

const DECISIVE_FAULTS = DECISIVE.flatMap(({ stage, target }) =>
  FAULT_PLACES.filter((place) => place.stage === stage && ruleOf(place.kind).befalls?.(target) === true).map(
    ({ kind }) => ({ kind, stage, operation: operationName(target) }),
  ),
);

const decisiveFault: fc.Arbitrary<PlannedFault> = fc
  .tuple(fc.constantFrom(...DECISIVE_FAULTS), fc.integer({ min: 1, max: 4 }))
  .map(([place, nth]) => ({ ...place, nth }));

export const plannedFault = fc.oneof({ weight: 2, arbitrary: faultAnywhere }, decisiveFault);

export const ambientFault: fc.Arbitrary<AmbientFault> = fc
  .record({
    kind: fc.constantFrom(...PLANNED_PLACES.map(({ kind }) => kind)),
    fromSeconds: seconds(2_000),
    forSeconds: fc.integer({ min: 10, max: LONG_WEATHER_SECONDS }),
    oneIn: fc.integer({ min: 1, max: 10 }),
  })
  .map((one) => bearable(one));

/** An hour of an outage is one thing; an hour in which every function dies at once is another world. */
function bearable(one: AmbientFault): AmbientFault {
  if (LONG_WEATHER.includes(one.kind)) return one;
  const isOfQure = ruleOf(one.kind).befalls !== undefined && one.kind.startsWith('qure_');
  return {
    ...one,
    forSeconds: Math.min(one.forSeconds, SHORT_WEATHER_SECONDS),
    oneIn: Math.max(one.oneIn, isOfQure ? 4 : 3),
  };
}
