import { parseArgs } from 'node:util';
import { defined } from '../../functions/shared/defined.ts';
import { UsageError } from '../options/usage-error.ts';

export interface ReconcileOptions {
  isRepair: boolean;
  source?: string;
  /** The file for the whole report, with object keys. */
  jsonFile?: string;
  dataDir: string;
  minAgeSeconds: number;
}

export const RECONCILE_HELP = `Compares the drop bucket with the index and with what Qure has received, through the running host.

Usage: npm run reconcile -- [options]

  --repair            repair what differs (default: report only)
  --source NAME       one source alone (default: all)
  --json FILE         write every finding there, with object keys (default: counts on the terminal only)
  --data-dir DIR      of the running host (default: .local)
  --min-age SECONDS   pass over what is younger, since it may be on its way (default: 60)

Exit codes: 0 nothing differs, or everything was repaired or waits for a second check
            1 something differs and was not repaired
            2 wrong usage, or no host runs on this data directory`;

const MAX_AGE_SECONDS = 604_800;

/** Throws UsageError for invalid options; `help` if it was requested. */
export function parseReconcileOptions(argv: readonly string[]): ReconcileOptions | 'help' {
  const { values } = read(argv);
  if (values.help === true) return 'help';
  const minAge = values['min-age'] ?? '60';
  if (!/^\d+(?:\.\d+)?$/.test(minAge) || Number(minAge) > MAX_AGE_SECONDS) {
    throw new UsageError([
      `--min-age: expected seconds from 0 to ${MAX_AGE_SECONDS}, got ${JSON.stringify(minAge)}: write a number without a unit`,
    ]);
  }
  return {
    isRepair: values.repair === true,
    ...defined({ source: values.source, jsonFile: values.json }),
    dataDir: values['data-dir'] ?? '.local',
    minAgeSeconds: Number(minAge),
  };
}

function read(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        repair: { type: 'boolean' },
        source: { type: 'string' },
        json: { type: 'string' },
        'data-dir': { type: 'string' },
        'min-age': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError([`expected an option of --help: ${message}`]);
  }
}
