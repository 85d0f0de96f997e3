import { PRODUCT_NAME_PATTERN, PRODUCTS } from '../../functions/qure/product.ts';
import { instantOfTime } from './given-time.ts';
import { MAX_SECONDS, type OptionRow } from './option-row.ts';

/**
 * Checks the value of an option (undefined: not given) and returns it normalized: a choice in its defined spelling, a
 * number in the form of Number(), '' for a flag.
 */
export function readOptionValue(
  row: OptionRow,
  typed: string | undefined,
): { value: string } | { problem: string } {
  const kind = row.value;
  const wrong = (expected: string, advice: string): { problem: string } => ({
    problem: `--${row.name}: expected ${expected}, got ${shown(typed)}: ${advice}`,
  });
  switch (kind.kind) {
    case 'flag':
      return typed === undefined ? { value: '' } : wrong('no value', `write just --${row.name}`);
    case 'text':
      return typed === undefined || typed === ''
        ? wrong(kind.what, `write --${row.name} ${row.placeholder}`)
        : { value: typed };
    case 'choice': {
      const choice = kind.choices.find((candidate) => candidate.toLowerCase() === typed?.toLowerCase());
      return choice === undefined
        ? wrong(`one of ${kind.choices.join(', ')}`, 'choose one of these')
        : { value: choice };
    }
    case 'choices': {
      const parts = (typed ?? '').split(',').map((part) => part.trim().toLowerCase());
      const found = parts.map((part) => kind.choices.find((one) => one.toLowerCase() === part));
      return found.some((one) => one === undefined)
        ? wrong(`${kind.choices.join(', ')}, or several with commas`, 'choose of these')
        : { value: found.join(',') };
    }
    case 'product': {
      const builtIn = PRODUCTS.find((candidate) => candidate.toLowerCase() === typed?.toLowerCase());
      if (builtIn !== undefined) return { value: builtIn };
      return typed !== undefined && PRODUCT_NAME_PATTERN.test(typed)
        ? { value: typed }
        : wrong('the name of a product', `write one of ${PRODUCTS.join(', ')}, or one of the sources file`);
    }
    case 'port':
      return typed !== undefined && /^\d{1,5}$/.test(typed) && Number(typed) <= 65_535
        ? { value: typed }
        : wrong('a port from 0 to 65535', 'write a whole number, 0 for any free port');
    case 'whole':
      return typed !== undefined &&
        /^\d{1,15}$/.test(typed) &&
        Number(typed) >= kind.least &&
        Number(typed) <= kind.most
        ? { value: String(Number(typed)) }
        : wrong(`a whole number from ${kind.least} to ${kind.most}`, 'write a number in this range');
    case 'time':
      return typed !== undefined && instantOfTime(typed, 0) !== undefined
        ? { value: typed }
        : wrong('a time, or how long ago', 'write 2026-03-01T08:00:00Z, 2026-03-01, 30d, 12h or 15m');
    case 'url':
      return typed !== undefined && URL.canParse(typed) && /^https?:$/.test(new URL(typed).protocol)
        ? { value: typed }
        : wrong('an http or https URL', 'write it whole, for example http://127.0.0.1:4800');
    case 'pattern':
      return typed !== undefined && kind.pattern.test(typed)
        ? { value: typed }
        : wrong(kind.what, `write --${row.name} ${row.placeholder}`);
    case 'seconds':
      return typed !== undefined && isSeconds(typed)
        ? { value: typed }
        : wrong(
            `seconds above 0 and up to ${MAX_SECONDS}`,
            'write a number without a unit, for example 5 or 0.5',
          );
    default:
      return kind satisfies never;
  }
}

function isSeconds(typed: string): boolean {
  return /^(?:\d+(?:\.\d+)?|\.\d+)$/.test(typed) && Number(typed) > 0 && Number(typed) <= MAX_SECONDS;
}

function shown(typed: string | undefined): string {
  if (typed === undefined) return 'nothing';
  return JSON.stringify(typed.length > 80 ? `${typed.slice(0, 80)}…` : typed);
}
