import { config } from '../shared/config.ts';

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
