import type { SeriesId } from '../../functions/instances/series-id.ts';
import type { QureCredentials } from '../../functions/qure/credentials.ts';
import type { Series } from '../../functions/series/series.ts';
import { lastingWorkspaceIdOf } from '../../functions/sources/qure-credentials.ts';
import type { Workspace } from './qure-series.ts';
import type { BadAccess, Scenario, SourceScenario } from './scenario.ts';
import { PATIENT_KEY, TOKEN_WORD } from './secret-word.ts';
import { PATIENT_KEY_SECRET, SECRETS_PREFIX, SOURCES_PATH, sourceName, workspaceOf } from './world-names.ts';

/** Times in which a scenario ends: a result may take an hour, and an outage another one. */
const RESULTS_TIMEOUT_SECONDS = 14_400;
const DELIVERY_TIMEOUT_SECONDS = 10_800;

const POLL_INTERVAL_SECONDS = 15;

const BASE_URL = 'https://qure.example/api';

/** Longer than a scenario takes until all is done. */
export const SCAN_DAYS = 30;

/** The sources of a scenario: their parameters, their secrets, and what Qure thinks of these. */
export class ScenarioSources {
  readonly #scenarios: readonly SourceScenario[];
  readonly #isShared: boolean;
  readonly #expires: boolean;
  readonly #isAdaptive: boolean;
  readonly #learnsPolls: boolean;
  readonly #seconds: () => number;
  /** How often they have got another Qure: each second time the first one again. */
  exchanges = 0;
  /** When they last had another one than now. */
  leftAtSeconds = 0;

  constructor(
    { sources, sharedWorkspace, aftermath, adaptive, learnedPolls }: Scenario,
    seconds: () => number,
  ) {
    this.#expires = aftermath !== undefined;
    this.#isAdaptive = adaptive !== undefined;
    this.#learnsPolls = learnedPolls !== undefined;
    this.#scenarios = sources;
    this.#isShared = sharedWorkspace !== undefined;
    this.#seconds = seconds;
  }

  of(name: string): SourceScenario | undefined {
    return this.#scenarios.find((_source, at) => sourceName(at) === name);
  }

  /** Gives them another Qure, or the first one again. */
  exchangeQure(): void {
    this.exchanges += 1;
    this.leftAtSeconds = this.#seconds();
  }

  get #hasOther(): boolean {
    return this.exchanges % 2 === 1;
  }

  /** That of the Qure which the source has now. */
  workspaceOf(name: string): string {
    return workspaceOf(this.#ownerOf(name), this.#hasOther);
  }

  /** Those of both. */
  workspacesOf(name: string): string[] {
    return [false, true].map((isOther) => workspaceOf(this.#ownerOf(name), isOther));
  }

  /** That to which a series was brought last. */
  workspaceWith({ source, workspace: id }: Pick<SeriesId, 'source'> & Pick<Series, 'workspace'>): string {
    const known = this.workspacesOf(source).find(
      (name) => lastingWorkspaceIdOf({ baseUrl: BASE_URL, source: name }) === id,
    );
    return known ?? this.workspaceOf(source);
  }

  /** The sources that have, or had, this workspace. */
  namesIn(workspace: string): string[] {
    const names = this.#scenarios.map((_source, at) => sourceName(at));
    return names.filter((name) => this.workspacesOf(name).includes(workspace));
  }

  #ownerOf(name: string): number {
    return this.#isShared ? 0 : this.#scenarios.findIndex((_source, at) => sourceName(at) === name);
  }

  /** The secret of a source at this time. */
  credentialsOf(source: number): QureCredentials {
    const owner = this.#isShared ? 0 : source;
    const bad = this.#scenarios[owner]?.badAccess;
    const isRenewed = bad?.hasNewSecret === true && this.#seconds() >= bad.mendedAtSeconds;
    const token = `${TOKEN_WORD}-${sourceName(owner)}-${isRenewed ? 2 : 1}`;
    return { baseUrl: BASE_URL, token, source: workspaceOf(owner, this.#hasOther) };
  }

  /** What each source's parameter says, as `infra/` writes it. */
  parameters(): Record<string, string> {
    const entries = this.#scenarios.map(({ quietPeriodSeconds, compute, delivery, limits, quality }, at) => {
      const document = {
        quietPeriodSeconds,
        compute,
        delivery,
        resultsTimeoutSeconds: RESULTS_TIMEOUT_SECONDS,
        deliveryTimeoutSeconds: DELIVERY_TIMEOUT_SECONDS,
        ...(quality === undefined ? {} : { quality }),
        ...(this.#learnsPolls ? {} : { pollIntervalSeconds: POLL_INTERVAL_SECONDS }),
        completion: { mode: this.#isAdaptive ? 'adaptive' : 'quiet' },
        ...(this.#expires ? { retention: { scanDays: SCAN_DAYS } } : {}),
        ...limits,
      };
      return [SOURCES_PATH + sourceName(at), JSON.stringify(document)];
    });
    return Object.fromEntries(entries);
  }

  secrets(): Record<string, string> {
    const entries = this.#scenarios.map((_source, at) => [
      SECRETS_PREFIX + sourceName(at),
      this.#isMissing(at) ? '' : JSON.stringify(this.credentialsOf(at)),
    ]);
    return { ...Object.fromEntries(entries), [PATIENT_KEY_SECRET]: PATIENT_KEY };
  }

  #isMissing(source: number): boolean {
    const bad = this.#scenarios[this.#isShared ? 0 : source]?.badAccess;
    return bad?.answer === 'missing' && this.#isBad(bad);
  }

  #isBad({ fromSeconds = 0, mendedAtSeconds }: BadAccess): boolean {
    return this.#seconds() >= fromSeconds && this.#seconds() < mendedAtSeconds;
  }

  workspaces(): Map<string, Workspace> {
    return new Map(
      this.#scenarios.flatMap(({ badAccess, compute }, at): [string, Workspace][] => {
        const tokenOf = (version: 1 | 2) => `${TOKEN_WORD}-${sourceName(at)}-${version}`;
        const access: Workspace['access'] = (token) => {
          if (badAccess === undefined) return token === tokenOf(1) ? 'granted' : 'rejected';
          const { answer, hasNewSecret, fromSeconds = 0 } = badAccess;
          // Processes hold a secret for a while: Qure does not know that it is missing.
          if (answer === 'missing') return 'granted';
          if (this.#isBad(badAccess)) return answer;
          const isRenewed = hasNewSecret && this.#seconds() >= fromSeconds;
          // A licence belongs to the workspace, not to the token.
          return answer === 'unlicensed' || token === tokenOf(isRenewed ? 2 : 1) ? 'granted' : answer;
        };
        const workspace = { access, isAutomatic: compute === 'automatic' };
        return [false, true].map((isOther) => [workspaceOf(at, isOther), workspace]);
      }),
    );
  }
}
