import type { CommandSpec } from '../frame/command.ts';
import { SHELLS, type Shell, shellCompletion } from '../frame/shell-completion.ts';

/** Of the given commands and itself. */
export function createCompletion(commands: () => readonly CommandSpec[]): CommandSpec {
  return {
    name: 'completion',
    group: 'Set-up',
    summary: 'Prints the completion of commands and options for a shell',
    about: `  bash:  source <(qure-dropoff completion bash)
  zsh:   source <(qure-dropoff completion zsh)
  fish:  qure-dropoff completion fish | source`,
    operand: { name: 'SHELL', help: SHELLS.join(', '), least: 1, most: 1 },
    options: [],
    check: ({ operands: [shell] }) =>
      shell === undefined || shell === '' || shellNamed(shell) !== undefined
        ? []
        : [`SHELL: expected one of ${SHELLS.join(', ')}, got ${JSON.stringify(shell)}`],
    async run({ operands: [shell = ''] }, world) {
      world.print(shellCompletion(shellNamed(shell) ?? 'bash', commands()));
      return 0;
    },
  };
}

function shellNamed(typed: string): Shell | undefined {
  return SHELLS.find((shell) => shell === typed);
}
