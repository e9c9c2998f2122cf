import type { Command } from 'commander';
import { aboutRelease, optionsOf } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import type { Surroundings } from '../surroundings.ts';

const HELP = `
Checks the manifests as "sluice start" does, resolves the image to its digest, and publishes the manifests beside it: the same files
for the same image are the same digest, and publishing twice is publishing once. It prints the reference that a pipeline signs before
it starts the release, where an environment wants that (proofs.manifests); "sluice start" from the same files finds them there, and
"sluice start --manifests" takes just these, without the files. Nothing is released.

Examples:
  sluice manifests push iam 2026.11.3
  cosign sign --key cosign.key "$(sluice manifests push iam 2026.11.3 --json | jq -r .reference)"`;

interface Options {
  readonly image?: string;
}

export function addManifests(program: Command, { terminal, exit }: Surroundings): void {
  const manifests = program.command('manifests').description('the manifests that are released with an image');
  aboutRelease(manifests.command('push').description('publish them beside the image, and print what to sign'))
    .option('--image <reference>', 'repository:tag or repository@sha256:… (default: the version as a tag)')
    .addHelpText('after', HELP)
    .action(async (service: string, version: string, _: unknown, command: Command) => {
      const { image, config } = optionsOf<Options>(command);
      const { pushManifests } = await import('../push-manifests.ts');
      const pushed = await pushManifests({ service, version, ...(image === undefined ? {} : { image }) }, config);
      if (terminal.json) terminal.sayJson(pushed);
      else terminal.say(`manifests  ${pushed.reference}\nfor image  ${pushed.image}`);
      exit(EXIT.ok);
    });
}
