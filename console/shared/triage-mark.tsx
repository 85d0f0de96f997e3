import type { Answer } from './api.ts';

const MEANINGS = {
  critical: 'A finding of qER or qCT asks for an expert at once',
  abnormal: 'An X-ray with any abnormality; not by itself urgent',
  routine: 'Standard priority',
};

/** Only `critical` is loud: an X-ray that Qure calls critical is `abnormal` here (docs/findings.md). */
export function TriageMark({ triage }: { triage: Answer<'Study' | 'Series'>['triage'] }) {
  if (triage === undefined) return null;
  return (
    <span class={`tag triage-${triage}`} title={MEANINGS[triage]}>
      {triage === 'critical' ? 'Critical' : triage === 'abnormal' ? 'Abnormal' : 'Routine'}
    </span>
  );
}
