import type { Study } from './filters.ts';
import { stageInWords, stepsOf } from './summary.ts';

/** One bar in four steps: arriving, uploading, computing, results. */
export function Progress({ study }: { study: Study }) {
  const words = stageInWords(study);
  const hasFailed = study.reasons.length > 0;
  return (
    <div class={`progress ${hasFailed ? 'failed' : ''}`}>
      <div class="progress-bar" aria-hidden="true">
        {stepsOf(study).map(({ name, share }) => (
          <div key={name} class="progress-step" title={name}>
            <div class="progress-part" style={{ width: `${share * 100}%` }} />
          </div>
        ))}
      </div>
      <span class="progress-words">{words}</span>
    </div>
  );
}
