export type { Arrival } from './arrival.ts';
export { ArrivedSeries, FEW } from './arrived-series.ts';
export { type JudgedSeries, judgePolicy } from './judge-policy.ts';
export {
  judgeSilence,
  type Limits,
  leastSeconds,
  WAIT_REASONS,
  type Wait,
  type WaitReason,
} from './judge-silence.ts';
export { type Hindsight, learn } from './learn.ts';
export { fixedQuiet, learnedQuiet } from './policies.ts';
export { type Decision, LATE_SECONDS, type Policy, replay, type TracedArrival } from './replay.ts';
export { distrust, newSender, type SenderHistory } from './sender-history.ts';
