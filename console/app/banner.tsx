import { config } from '../shared/config.ts';
import { clockTime } from '../shared/format.ts';
import { outage } from '../shared/outage.ts';

/** Who answers instead of Qure, on every view: simulated findings look like findings. */
export function Banner() {
  const { simulated, qure } = config.value;
  if (simulated === undefined) return null;
  const text = simulated.everything
    ? 'Simulated results: the bundled simulator answers instead of Qure. Nothing here is a finding.'
    : `Simulated results of ${simulated.sources.join(', ')}: the bundled simulator answers instead of Qure, and nothing of them is a finding. Qure at ${qure}`;
  return (
    <p class="banner" role="note">
      {text}
    </p>
  );
}

/** Once for all views: each of their parts would say the same. */
export function Outage() {
  if (outage.value === undefined) return null;
  return (
    <p class="trouble outage" role="alert">
      <strong>The server has not answered since {clockTime(outage.value)}.</strong> What you see is of that
      time, or older. The page asks again by itself: leave it open.{' '}
      {config.value.dropCommand === undefined
        ? 'If it lasts, check the network of this computer, then tell the administrator.'
        : 'Check that the host still runs (qure-dropoff start).'}
    </p>
  );
}
