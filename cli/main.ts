#!/usr/bin/env node
import { COMMANDS } from './commands.ts';
import { runProgram } from './frame/run-program.ts';

process.exitCode = await runProgram(COMMANDS, process.argv.slice(2));
