import { type FaultRule, faultRuleSchema } from './fault-rules.ts';

const CONDITIONS = new Set(['pathIncludes', 'skip', 'times', 'probability']);

/**
 * Reads a fault from a command line: `stage:kind` or `any:kind`, then `,name=value` for each setting, for example
 * `results:status,status=503,retryAfterSeconds=2,times=3`. Throws an `Error` with the expected form.
 */
export function parseFaultArgument(argument: string): FaultRule {
  const [head = '', ...settings] = argument.split(',');
  const [stage = '', kind = ''] = head.split(':');
  const rule: Record<string, unknown> = stage === 'any' ? {} : { stage };
  const fault: Record<string, unknown> = { kind };
  for (const setting of settings) {
    const equals = setting.indexOf('=');
    const name = setting.slice(0, Math.max(equals, 0));
    (CONDITIONS.has(name) ? rule : fault)[name] = settingValue(setting.slice(equals + 1));
  }
  const candidate = { ...rule, fault };
  const parsed = faultRuleSchema.safeParse(candidate);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'rule'}: ${issue.message}`);
  throw new Error(
    `Expected --fault stage:kind[,name=value…] (see fault-rules.ts), got "${argument}": ${problems.join('; ')}`,
  );
}

function settingValue(text: string): string | number {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
