import type { Row } from '../services/table/options.ts';
import type { Stage } from './faults.ts';
import type { SimulatedWorld } from './world.ts';

/**
 * Who leaves a message takes the next ticket first. One ticket is sent again only where its run, or the event that it follows, comes
 * once more: a few times. Messages that go on with one ticket grow in number, since each that is delivered twice leaves two.
 */
const MAX_SENDS_OF_A_TICKET = 50;

/** Watches the messages that stages send. */
export class MessageMonitor {
  readonly #world: SimulatedWorld;
  readonly #onBroken: (message: string) => void;
  /** By series and ticket. */
  readonly #sends = new Map<string, number>();

  constructor(world: SimulatedWorld, onBroken: (message: string) => void) {
    this.#world = world;
    this.#onBroken = onBroken;
  }

  look(body: string): void {
    if (!body.startsWith('{')) return;
    const { source, seriesInstanceUid, ticket } = JSON.parse(body);
    if (ticket === undefined) return;
    const series = `${source}#${seriesInstanceUid}`;
    // 6: a message follows the save that it speaks of, or it may find the old row and be dropped.
    if (!(Number(this.#world.rows.get(`${series} SERIES`)?.['ticket']) >= ticket))
      this.#onBroken('6: a message was sent before its ticket was saved');
    const id = `${series} ${ticket}`;
    const sends = (this.#sends.get(id) ?? 0) + 1;
    this.#sends.set(id, sends);
    if (sends > MAX_SENDS_OF_A_TICKET)
      this.#onBroken(`5: one ticket was sent more than ${MAX_SENDS_OF_A_TICKET} times`);
  }

  /** 6: a run that the sweep has started may have read the row: once its version is raised, its result is refused. */
  lookAtPut(stage: Stage, row: Row): void {
    const before = this.#world.rows.get(`${row['pk']} ${row['sk']}`);
    if (stage !== 'sweep' || row['sk'] !== 'SERIES' || before === undefined) return;
    const isNext = row['version'] === Number(before['version']) + 1;
    const eventsOf = (one: Row) => (one['outbox'] as unknown[]).length;
    if (isNext && row['ticket'] === before['ticket'] && eventsOf(row) === eventsOf(before))
      this.#onBroken('6: the sweep raised the version of a row without anything new in it');
  }
}
