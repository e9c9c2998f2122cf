import type { Command } from 'commander';
import { optionsOf } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const HELP = `
Runs beside the legacy pipeline: for each service what both have deployed is equal, different (image, replicas, configuration) or missing
on one side. Record both sides, pods as well, since they tell which digest a tag stands for:
  kubectl --context LEGACY --namespace iam get all,configmaps,ingresses -o json > legacy.json
  kubectl --context SLUICE --namespace iam get all,configmaps,ingresses -o json > sluice.json
Names of registries and tags may differ, digests may not. What the cluster writes itself (status, bookkeeping, addresses of Services) is
not compared, what pods and replica sets are made of once. Contents of secrets are never shown. --ignore names a file of what may differ:
  - { path: /spec/template/metadata/labels/team, reason: "Sluice labels who owns it" }
Nothing is asked of a cluster, and nothing is changed.

Exit code: 0 all is equal, 10 something differs or is missing, 20 it could not be found out (a tag without pods), 2 a list is wrong (an
object that stands there twice as well; all problems at once).

Examples:
  sluice compare --environment staging --legacy legacy.json --sluice sluice.json
  sluice compare iam --environment staging --legacy legacy.json --sluice sluice.json --ignore may-differ.yaml --json`;

interface Options {
  readonly environment: string;
  readonly legacy: readonly string[];
  readonly sluice: readonly string[];
  readonly legacyNamespace?: string;
  readonly ignore?: string;
}

export function addCompare(program: Command, { terminal, exit }: Surroundings): void {
  program
    .command('compare')
    .description('whether the legacy deployment and Sluice have deployed the same; changes nothing')
    .argument('[service...]', 'only these (default: every service of sluice.yaml)')
    .requiredOption('--environment <name>', 'the environment of Sluice that is compared')
    .requiredOption('--legacy <files...>', 'recorded objects of the legacy deployment')
    .requiredOption('--sluice <files...>', 'recorded objects of what Sluice has deployed')
    .option('--legacy-namespace <name>', 'where legacy has them (default: the same namespaces)')
    .option('--ignore <file>', 'what may differ, and why')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (named: readonly string[], _: unknown, command: Command) => {
      const { config: file, environment, ...recorded } = optionsOf<Options>(command);
      const [{ loadConfig }, { assertConfigured }, { compareRecorded }, { renderComparison }] = await Promise.all([
        import('../../config/load.ts'),
        import('../known-names.ts'),
        import('../compare-recorded.ts'),
        import('../render/compare.ts'),
      ]);
      const config = await loadConfig(file);
      assertConfigured(config, { environments: [environment] });
      for (const service of named) assertConfigured(config, { service });
      const services = Object.values(config.rulebook.services).filter(
        ({ name }) => named.length === 0 || named.includes(name),
      );
      const comparison = await compareRecorded(recorded, services, environment);
      if (terminal.json) terminal.sayJson(comparison);
      else terminal.say(renderComparison(tame(comparison), terminal.paint));
      const said = comparison.services.map(({ answer }) => answer);
      if (said.includes('different') || said.includes('missing')) exit(EXIT.unwell);
      else if (said.includes('unknown')) exit(EXIT.failed);
    });
}
