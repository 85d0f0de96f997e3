import { workOf } from './lane.ts';
import type { Queues } from './ports.ts';
import type { Series, SeriesId } from './series.ts';

/**
 * Sends the message that a run was about to leave when it died: its own message has come again (`isRedelivery`), and the row
 * holds the ticket of the next one already. Should that message have been sent after all, whichever comes second is an
 * old one. A first delivery with an old ticket tells nothing: several messages may have carried it.
 */
export async function sendLostMessage(
  queues: Queues,
  series: Series | undefined,
  message: SeriesId & { ticket: number },
  isRedelivery: boolean,
  delaySeconds: number,
): Promise<void> {
  // The sweep skips a ticket, so that what it takes up is not mistaken for this.
  if (!isRedelivery || series === undefined || series.ticket !== message.ticket + 1) return;
  const work = workOf(series);
  if (series.state === 'COMPLETE' || series.state === 'UPLOADING') {
    await queues.sendCompute({ ...work, tries: 0 }, delaySeconds);
  } else if (series.state === 'RECEIVING') {
    await queues.sendCompletion({ kind: 'quiet', ...work }, delaySeconds);
  } else if (series.state === 'COMPUTING') {
    await queues.sendResults({ ...work, polls: 0, failures: 0, assetTries: 0 }, delaySeconds);
  }
}
