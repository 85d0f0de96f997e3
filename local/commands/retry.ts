import { retry } from './retry-command.ts';
import { runCommand } from './run-command.ts';

await runCommand(retry);
