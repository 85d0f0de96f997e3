import { config } from '../shared/config.ts';
import { me } from '../shared/session.ts';
import { Counts } from './counts.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { HealthStrip } from './health-strip.tsx';
import { MonthCost } from './month-cost.tsx';
import { Sources } from './sources.tsx';
import { Turnaround } from './turnaround.tsx';

/** How the pipeline does, for those who run it. Each part asks for itself: one that fails takes no other with it. */
export function Operations() {
  return (
    <section class="page" aria-labelledby="operations-title">
      <h2 id="operations-title">Operations</h2>
      <HealthStrip />
      <Counts />
      <Sources />
      <Turnaround />
      {/* They are about every source: the server refuses them to a person who may read some only. */}
      {me.value.read.isAll && <DeadLetters />}
      {me.value.read.isAll && config.value.isBilled && <MonthCost />}
    </section>
  );
}
