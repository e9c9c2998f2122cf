import type { Command } from 'commander';
import { optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const HELP = `
Asks what a promotion would ask: the signatures and statements that the rules of the environment ("proofs") want of an image, at
this moment, read with the identity of this shell or pipeline. Needs no engine, and changes nothing. Gates and people are looked at by
releases. The image is looked for in the environment's own registry, or in that of another one (--at). A tag is resolved once.

With --manifests the manifests in that artefact are asked as well: that they belong to the image, that the environment takes them, and
that those have signed whom it wants ("proofs.manifests"). Without it an environment that wants them signed says so, and they are not
part of the answer.

Exit code: 0 everything is proven, 3 something is not, 9 no such image, 2 a wrong name or configuration; 8 or 20 it could not
be found out, which is neither yes nor no.

Examples:
  sluice verify iam:2026.11.3 --environment production --at dev
  sluice verify iam@sha256:… --environment production --explain
  sluice verify iam@sha256:… --environment production --manifests sha256:…
  sluice verify 2026.11.3 --service iam --environment production --json`;

interface Options {
  readonly environment: string;
  readonly at?: string;
  readonly service?: string;
  readonly manifests?: string;
  readonly explain?: boolean;
}

export function addVerify(program: Command, { terminal, exit }: Surroundings): void {
  program
    .command('verify')
    .description('whether everything is proven about an image that an environment wants; changes nothing')
    .argument('<image>', 'repository:tag or repository@sha256:…; with --service also a tag or a digest alone')
    .requiredOption('--environment <name>', 'environment whose rules are asked')
    .option('--at <environment>', 'environment in whose registry the image lies (default: the same)')
    .option('--service <service>', 'service whose repository it is in')
    .option(
      '--manifests <digest>',
      'digest of the manifests that are to go with it, as "sluice manifests push" prints it',
    )
    .option('--explain', 'every rule with what it looked at, what it expected and what it got')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (image: string, _: unknown, command: Command) => {
      const { config: file, explain, ...asked } = optionsOf<Options>(command);
      const [
        { loadConfig },
        { exitOfProof, verifyImage },
        { renderProof },
        { localRecorders, localRegistry, localSignatures },
      ] = await Promise.all([
        import('../../config/load.ts'),
        import('../verify-image.ts'),
        import('../render/proof.ts'),
        import('../wire.ts'),
      ]);
      const config = await loadConfig(file);
      const proof = await verifyImage(
        config,
        { ...asked, image, now: new Date() },
        {
          registryOf: async (name) => (await localRegistry(config, name)).reader,
          signatures: localSignatures,
          recorders: localRecorders,
        },
      );
      if (terminal.json) terminal.sayJson(proof);
      else terminal.say(renderProof(tame(proof), explain === true, terminal.paint));
      exit(exitOfProof(proof));
    });
}
