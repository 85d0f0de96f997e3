import { runCommand } from './run-command.ts';
import { verify } from './verify-command.ts';

await runCommand(verify);
