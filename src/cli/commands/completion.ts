import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';

const NAME = 'completion';

const HELP = `
Examples:
  source <(sluice completion bash)                                   # this shell; the same with zsh
  sluice completion bash > ~/.local/share/bash-completion/completions/sluice
  sluice completion zsh > "\${fpath[1]}/_sluice"
  sluice completion fish > ~/.config/fish/completions/sluice.fish`;

/** To be added last: completes the commands that are there. The scripts call the hidden command \`complete\`. */
export function addCompletion(program: Command): void {
  tab(program, { completionCommandName: NAME });
  program.commands
    .find((command) => command.name() === NAME)
    ?.description('print the completion script for a shell')
    .addHelpText('after', HELP);
}
