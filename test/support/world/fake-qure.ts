import { asset, computeAnswer, resultBody, resultsAnswer } from './qure-answers.ts';
import type { World } from './world.ts';

/** What Qure computed or computes of one series. */
interface Computation {
  /** File names, sorted. */
  instances: string[];
  isRecompute: boolean;
  readyAtMs: number;
}

/** What it answers by. */
type Platform = Pick<World, 'qure' | 'clock'>;

export interface PlatformOptions {
  /** @default 40 */
  computeSeconds?: number;
  /** Forgets everything when it is first asked for a result that is ready. @default false */
  losesFirstResult?: boolean;
  /** Credentials with this token are refused. */
  rejects?: (token: string) => boolean;
}

/**
 * Answers as the platform does: it counts what it holds, accepts what is uploaded, answers 304 to a repeated plain call, and
 * gives the result of the instances that it held when it accepted.
 */
export class FakeQure {
  /** Every acceptance (200), in order; a 304 is none. */
  readonly accepted: Computation[] = [];
  readonly #world: Platform;
  readonly #computeSeconds: number;
  readonly #held = new Set<string>();
  /** When each instance had been uploaded: X-rays are computed without a call. */
  readonly #heldSinceMs = new Map<string, number>();
  #current: Computation | undefined;
  #isToLose: boolean;

  constructor(world: Platform, options: PlatformOptions = {}) {
    this.#world = world;
    this.#isToLose = options.losesFirstResult ?? false;
    this.#computeSeconds = options.computeSeconds ?? 40;
    const rejects = options.rejects ?? (() => false);
    world.qure.uploads.always(({ token, files }) => {
      if (rejects(token)) return { kind: 'auth_rejected' };
      for (const { fileName } of files) this.#hold(fileName);
      const registered = files.map((_file, at) => `file_${at}`);
      return {
        kind: 'receipt',
        registered,
        notRegistered: [],
        licenseExpired: false,
        instancesAtQure: this.#held.size,
      };
    });
    world.qure.computes.always(({ token, recompute }) =>
      computeAnswer(rejects(token) ? 401 : this.#compute(recompute)),
    );
    world.qure.seriesResults.always(({ token }) => {
      if (rejects(token)) return resultsAnswer(401);
      if (this.#held.size === 0) return resultsAnswer(404);
      if (this.#current === undefined) return resultsAnswer(409);
      if (this.#nowMs() < this.#current.readyAtMs) return resultsAnswer(202);
      if (this.#hasLost()) return resultsAnswer(404);
      const { instances } = this.#current;
      return resultsAnswer(200, { ...resultBody({ pdf: ['https://assets.example/a'] }), instances });
    });
    world.qure.instanceResults.always(({ token, uid }) => {
      if (rejects(token)) return resultsAnswer(401);
      const since = this.#heldSinceMs.get(`${uid}.dcm`);
      if (since === undefined) return resultsAnswer(404);
      if (this.#nowMs() < since + this.#computeSeconds * 1000) return resultsAnswer(202);
      if (this.#hasLost()) return resultsAnswer(404);
      return resultsAnswer(200, resultBody({ pdf: ['https://assets.example/a'] }));
    });
    world.qure.assets.always(() => asset('pdf'));
  }

  #nowMs(): number {
    return this.#world.clock.now().getTime();
  }

  #hold(fileName: string): void {
    if (!this.#held.has(fileName)) this.#heldSinceMs.set(fileName, this.#nowMs());
    this.#held.add(fileName);
  }

  #compute(isRecompute: boolean): 200 | 304 | 404 {
    if (this.#held.size === 0) return 404;
    if (this.#current !== undefined && !isRecompute) return 304;
    const readyAtMs = this.#nowMs() + this.#computeSeconds * 1000;
    this.#current = { instances: [...this.#held].sort(), isRecompute, readyAtMs };
    this.accepted.push(this.#current);
    return 200;
  }

  /** Forgets everything, once, where that is asked for. */
  #hasLost(): boolean {
    if (!this.#isToLose) return false;
    this.#isToLose = false;
    this.#held.clear();
    this.#heldSinceMs.clear();
    this.#current = undefined;
    return true;
  }
}
