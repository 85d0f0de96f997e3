import { clockTime } from './format.ts';
import { outage } from './outage.ts';
import type { Asked } from './use-answer.ts';

/** What has failed, in the server's words where it has any. */
export function Trouble({ text }: { text: string }) {
  if (text === '') return null;
  return (
    <p class="trouble" role="alert">
      {text}
    </p>
  );
}

/** Of a part that asks by itself. While nothing is answered at all, the page says so once, and each part says of when it is. */
export function TroubleOf({ asked: { answeredAt, trouble } }: { asked: Asked<unknown> }) {
  if (outage.value === undefined) return <Trouble text={trouble.value} />;
  if (answeredAt.value === undefined) return <p class="quiet">Not loaded.</p>;
  return <p class="as-of">As of {clockTime(answeredAt.value)}</p>;
}
