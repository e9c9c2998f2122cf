import { type Command, InvalidArgumentError, Option } from 'commander';
import { SCHEMES } from '../../versions/version.ts';
import { optionsOf, wordsArgument } from '../arguments.ts';
import type { WrittenVersionOptions } from '../print-version.ts';
import type { Surroundings } from '../surroundings.ts';

const HELP = `
Needs git and the checkout, nothing else. The same commit has the same version on every machine and at every time: no clock is looked at.

  calendar   2026.11.3-ab12cd34ef56: the third commit of that month on its line, by the dates of the commits in UTC
             on another branch 2026.11.3-feature-login-ab12cd34ef56
  semantic   from the last version tag (v1.2.3, or iam/v1.2.3 of the service) and the commits since (conventionalcommits.org):
             1.4.2_ab12cd34ef56, on another branch 1.4.2-feature-login.7_ab12cd34ef56, the tagged commit itself 1.4.2

What it prints is a version for "sluice start", a container tag and a Kubernetes label at once. In Azure Pipelines and GitHub Actions
the output variables version, containerTag, label, semver, commit, branch, scheme, prerelease, changed and sourceDateEpoch are set.

Examples:
  sluice version iam
  sluice version iam --scheme semantic --path src/iam --path src/shared --json
  sluice version iam --release                     # refuse branches and pull requests: exit code 3`;

export function addVersion(program: Command, { terminal, exit }: Surroundings): void {
  program
    .command('version')
    .description('the version of what is checked out, from its git history and branch')
    .argument('[service]', 'whose tags count (semantic: <service>/v1.2.3)')
    .addOption(new Option('--scheme <name>', 'how versions are made').choices([...SCHEMES]).default('calendar'))
    .option('--branch <name>', 'what is built (default: as the pipeline says, else what is checked out)', wordsArgument)
    .option(
      '--path <folder>',
      'count only what changes there, from the root of the repository; may be repeated',
      oneMore,
    )
    .option('--first <version>', 'semantic, while there is no tag: what the first commit follows', numbersArgument)
    .option('--release', 'refuse what nothing is released from')
    .option(
      '--release-branch <pattern>',
      'where releases come from; may be repeated (main, master, release/*)',
      oneMore,
    )
    .option('--repository <folder>', 'the checkout (default: the working directory)')
    .addOption(
      new Option('--output <service>', 'for whom to set output variables (default: who runs this)').choices([
        ...['azure', 'github', 'plain'],
      ]),
    )
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (service: string | undefined, _: unknown, command: Command) => {
      const { printVersion } = await import('../print-version.ts');
      exit(await printVersion(service, optionsOf<WrittenVersionOptions>(command), terminal));
    });
}

function oneMore(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, wordsArgument(text)];
}

function numbersArgument(text: string): string {
  if (!/^(?:0|[1-9]\d{0,5})(?:\.(?:0|[1-9]\d{0,5})){2}$/.test(text))
    throw new InvalidArgumentError('Write three numbers such as 0.1.0.');
  return text;
}
