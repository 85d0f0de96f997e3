/** One call of a port, for example `queues.sendCompute`. */
export interface PortCall {
  name: string;
  args: readonly unknown[];
}

/**
 * Stands around every call that a stage makes of the world. Throwing in `before`: the call never happened. Throwing
 * in `after`: it took effect and its answer was lost. Between the two lie all places at which a function can die.
 */
export interface CallProbe {
  before?: ((call: PortCall) => void | Promise<void>) | undefined;
  after?: ((call: PortCall) => void | Promise<void>) | undefined;
}

/** The same port with the probe around each method. The probe's hooks may be changed at any time. */
export function observed<P extends object>(portName: string, port: P, probe: CallProbe): P {
  return new Proxy(port, {
    get(target, property) {
      const method: unknown = Reflect.get(target, property, target);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        const call: PortCall = { name: `${portName}.${String(property)}`, args };
        await probe.before?.(call);
        const result: unknown = await Reflect.apply(method, target, args);
        await probe.after?.(call);
        return result;
      };
    },
  });
}

/** Each port under its name. */
export function observedEach<P extends Record<string, object>>(ports: P, probe: CallProbe): P {
  const all = Object.entries(ports).map(([name, port]) => [name, observed(name, port, probe)]);
  return Object.fromEntries(all);
}

/** What a broken call throws. */
export class OutageError extends Error {
  override name = 'OutageError';
}

/** Breaks the next `times` calls of this name: `before` they take effect, or `after` it. */
export function breakCalls(probe: CallProbe, name: string, when: 'before' | 'after', times = 1): void {
  let left = times;
  probe[when] = (call) => {
    if (call.name !== name || left === 0) return;
    left -= 1;
    throw new OutageError(`${name} is broken ${when} its effect`);
  };
}
