import type { Command } from 'commander';
import { aboutRelease } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const HELP = `
Examples:
  sluice status iam 2026.11.3
  sluice status iam 2026.11.3 --json | jq .release.phase`;

export function addStatus(program: Command, { terminal }: Surroundings): void {
  aboutRelease(program.command('status').description('where a release stands, why it waits, what answers it'))
    .addHelpText('after', HELP)
    .action(async (service: string, version: string) => {
      const { withClient } = await import('../session.ts');
      const view = await withClient((client) => client.status({ service, version }));
      if (terminal.json) return terminal.sayJson(view);
      const { renderStatus } = await import('../render/status.ts');
      terminal.say(renderStatus(tame(view), terminal.paint));
    });
}
