import { judgeSilence, type Limits, type WaitReason } from './judge-silence.ts';
import { learn } from './learn.ts';
import type { Policy } from './replay.ts';
import { distrust, newSender, type SenderHistory } from './sender-history.ts';

/** A fixed silence, the same for every sender. */
export function fixedQuiet(seconds: number): Policy<'quiet'> {
  return {
    judge: () => ({ seconds, evidence: 'quiet' }),
    wasLate: () => {},
    hasEnded: () => {},
  };
}

/** Learns each sender as it goes. */
export function learnedQuiet(limits: Limits): Policy<WaitReason> {
  const histories = new Map<string, SenderHistory>();
  const historyOf = (sender: string) => histories.get(sender) ?? newSender();
  return {
    judge: (arrived, sender, modality) => {
      const { seconds, reason } = judgeSilence(arrived, historyOf(sender), limits, modality);
      return { seconds, evidence: reason };
    },
    wasLate: (sender) => void histories.set(sender, distrust(historyOf(sender))),
    hasEnded: (sender, arrivals, modality) =>
      void histories.set(sender, learn(historyOf(sender), arrivals, limits, modality).history),
  };
}
