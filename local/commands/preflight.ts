import { createPreflight } from './preflight-command.ts';
import { runCommand } from './run-command.ts';

await runCommand(createPreflight());
