import { deadLetters } from './dead-letters-command.ts';
import { runCommand } from './run-command.ts';

await runCommand(deadLetters);
