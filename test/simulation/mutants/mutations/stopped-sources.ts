import type { Mutation } from '../mutation.ts';

/** Sources that Qure refuses: who may still call, who waits, and how it ends. */
export const STOP_MUTATIONS: readonly Mutation[] = [
  {
    name: 'second-probe',
    says: 'While a probe is at work no second one is let in.',
    file: 'functions/admission/circuit-breaker.ts',
    find: `if (isLeased && stop.probeId !== id) return`,
    replace: `if (isLeased && stop.probeId === undefined) return`,
  },
  {
    name: 'probes-at-any-time',
    says: 'A stopped source is asked for by one probe in two minutes, and by nobody else.',
    file: 'functions/admission/circuit-breaker.ts',
    find: `if (isLeased && stop.probeId !== id) return`,
    replace: `if (stop.probeId === 'nobody') return`,
  },
  {
    name: 'refusal-stops-nothing',
    says: 'The first refusal of credentials stops their source.',
    file: 'functions/admission/circuit-breaker.ts',
    find: `  if (known !== undefined && !isProbe) return standing;
`,
    replace: `  if (credentialsFingerprint !== NO_CREDENTIALS) return standing;
`,
  },
  {
    name: 'circuit-stays-open',
    says: 'A source goes on once Qure has answered a probe.',
    file: 'functions/admission/circuit-breaker.ts',
    find: `  return stop === undefined && state.consecutiveForbidden === 0
    ? standing
    : { ...state, consecutiveForbidden: 0 };`,
    replace: `  return state.consecutiveForbidden === 0 ? standing : { ...state, ...(stop === undefined ? {} : { stop }), consecutiveForbidden: 0 };`,
  },
  {
    name: 'refused-series-fails',
    says: 'A series that is refused together with its source waits.',
    file: 'functions/delivery/compute-work.ts',
    find: `if (stop === undefined) return this.fail(`,
    replace: `if (stop !== 'none') return this.fail(`,
  },
  {
    name: 'refused-poll-fails',
    says: 'Results that Qure refuses to tell while it refuses their source are asked for later.',
    file: 'functions/results/poll-work.ts',
    find: `if (stop === undefined) return this.fail(`,
    replace: `if (stop !== 'none') return this.fail(`,
  },
  {
    name: 'waits-for-credentials-for-ever',
    says: 'A series that waits for credentials fails with that reason at its deadline.',
    file: 'functions/series/transitions.ts',
    find: `  const deliveryDeadline = isStopReason(heldBack.reason)
    ? series.deliveryDeadline
    : addSeconds(series.deliveryDeadline, waitSeconds);
`,
    replace: `  const deliveryDeadline = addSeconds(series.deliveryDeadline, waitSeconds);
`,
  },
  {
    name: 'token-in-error-detail',
    says: 'No credential stands in an error.',
    file: 'functions/admission/admission.ts',
    find: `return 'kind' in loaded ? { ...held, detail: loaded.detail } : held;`,
    replace: `return { ...held, detail: 'refused: ' + credentials?.token };`,
  },
];
