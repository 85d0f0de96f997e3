import type { Answer } from '../shared/api.ts';
import { dateTime } from '../shared/format.ts';
import { reasonInWords } from '../shared/words.ts';
import { stateInWords } from './words.ts';

const WHY = {
  instances: 'other images came',
  retry: 'a person asked again',
  other_qure: 'its source has another Qure',
};

/** What was computed of the series before, and why it was computed again; the newest first. */
export function Generations({ generations }: Pick<Answer<'SeriesDetail'>, 'generations'>) {
  if (generations.length < 2) return null;
  return (
    <section aria-labelledby="generations-title">
      <h4 id="generations-title">Generations</h4>
      <ol class="generations">
        {generations.toReversed().map((one) => (
          <li key={one.generation}>
            <strong>{one.generation}</strong> {stateInWords(one.state)}, {dateTime(one.changedAt)}
            {one.instances !== undefined && `, ${one.instances} images`}
            {one.triage !== undefined && `, ${one.triage}`}
            {one.isSimulated && ', simulated'}
            {one.reason !== undefined && `, ${reasonInWords(one.reason)}`}
            {one.leftFor !== undefined && <span class="quiet"> · left because {WHY[one.leftFor]}</span>}
            {one.supersededBy !== undefined && (
              <span class="quiet"> · its result was replaced by that of generation {one.supersededBy}</span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
