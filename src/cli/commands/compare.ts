import { writeFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { ReleaseEngineError } from '../../client/release-engine-error.ts';
import { durationArgument, optionsOf } from '../arguments.ts';
import type { Comparison } from '../comparing/compare-services.ts';
import type { CompareOptions } from '../comparing/gather.ts';
import { EXIT } from '../exit-codes.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const HELP = `
Runs beside the legacy pipeline: for each service what both have deployed is equal, different (image, replicas, configuration) or missing
on one side. Either read both clusters now (--legacy-kubeconfig and --sluice-live: only GET, with your own rights; a kind that you may not
read is left out on both sides, and said), or record them, with pods, which tell the digest of a tag, and managed fields, which tell the order:
  kubectl --context LEGACY --namespace iam get all,configmaps,ingresses --show-managed-fields -o json > legacy.json
  kubectl --context SLUICE --namespace iam get all,configmaps,ingresses --show-managed-fields -o json > sluice.json
Names of registries and tags may differ, digests may not. What the cluster writes itself (status, bookkeeping, addresses of Services) is
not compared, what pods and replica sets are made of once. Contents of secrets are never shown. --ignore names a file of what may differ:
  - { path: /spec/template/metadata/labels/team, reason: "Sluice labels who owns it" }
The other side may also be what Sluice would apply (--sluice-plan, --sluice-image): then what the API server fills in is no difference.
Nothing is changed.

Order and duration are told as well, and fail nothing unless --strict names them. Order: what legacy wrote before what, against Sluice's
turns (first what starts no pods, then all workloads at once, then it waits). Duration: roll-outs of Deployments as the clusters have noted
them, and whole runs where --legacy-took says how long legacy's were; Sluice's are then asked of the engine (promotions of 90 days without
their waits), or taken from --sluice-took. Such a file says "iam: 12m", or "iam: [12m, 14m]" of several runs.

Exit code: 0 all is equal, 10 something differs or is missing, 20 it could not be found out (a tag without pods; what --strict names), 2 a
list is wrong (an object that stands there twice as well; all problems at once).

Examples:
  sluice compare --environment staging --legacy legacy.json --sluice sluice.json
  sluice compare iam --environment staging --legacy-kubeconfig ~/.kube/old --sluice-live --html compare.html
  sluice compare iam --environment staging --legacy legacy.json --sluice-image iam@sha256:…
  sluice compare iam --environment staging --legacy legacy.json --sluice sluice.json --ignore may-differ.yaml --json
  sluice compare --environment staging --legacy legacy.json --sluice sluice.json --legacy-took took.yaml --strict duration --tolerance 2m`;

const TOLERANCE_MS = 30_000;

interface Options extends CompareOptions {
  readonly html?: string;
  readonly strict?: readonly ('order' | 'duration')[];
}

export function addCompare(program: Command, { terminal, exit }: Surroundings): void {
  program
    .command('compare')
    .description('whether the legacy deployment and Sluice have deployed the same; changes nothing')
    .argument('[service...]', 'only these (default: every service of sluice.yaml)')
    .requiredOption('--environment <name>', 'the environment of Sluice that is compared')
    .option('--legacy <files...>', 'recorded objects of the legacy deployment')
    .option('--legacy-kubeconfig <file>', 'or: the cluster in which it is, which is only read')
    .option('--legacy-context <name>', 'a context of that file (default: its current one)')
    .option('--legacy-namespace <name>', 'where legacy has them (default: the same namespaces)')
    .option('--sluice <files...>', 'recorded objects of what Sluice has deployed')
    .option('--sluice-live', 'or: what stands in the cluster of the environment, as sluice.yaml names it')
    .option('--sluice-plan <files...>', 'or: what Sluice would apply, of plans that "sluice plan --json" has written')
    .option('--sluice-image <image>', 'or: the same of the folder of the service, with this repository@sha256:…')
    .option('--ignore <file>', 'what may differ, and why')
    .option('--legacy-took <file>', 'how long legacy’s runs took, by service')
    .option('--sluice-took <file>', 'how long Sluice’s took (default: as the engine remembers them)')
    .option(
      '--tolerance <duration>',
      'durations that differ by so much are equal (default: 30s)',
      durationArgument,
      TOLERANCE_MS,
    )
    .addOption(
      new Option('--strict <what...>', 'what fails as well: another order, a Sluice that takes longer').choices([
        'order',
        'duration',
      ]),
    )
    .option('--html <file>', 'write the comparison as a page too')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (named: readonly string[], _: unknown, command: Command) => {
      const { config: file, strict = [], html, ...options } = optionsOf<Options>(command);
      const [{ loadConfig }, { assertConfigured }, { gatherAndCompare }, { renderComparison }, { verdictOf }] =
        await Promise.all([
          import('../../config/load.ts'),
          import('../known-names.ts'),
          import('../comparing/gather.ts'),
          import('../render/compare.ts'),
          import('../comparing/verdict.ts'),
        ]);
      const config = await loadConfig(file);
      assertConfigured(config, { environments: [options.environment] });
      for (const service of named) assertConfigured(config, { service });
      const services = Object.values(config.rulebook.services).filter(
        ({ name }) => named.length === 0 || named.includes(name),
      );
      const comparison = await gatherAndCompare(config, services, options);
      if (html !== undefined) await writePage(html, comparison);
      if (terminal.json) terminal.sayJson(comparison);
      else terminal.say(renderComparison(tame(comparison), terminal.paint));
      exit(EXIT[verdictOf(comparison, strict)]);
    });
}

async function writePage(file: string, comparison: Comparison): Promise<void> {
  const { comparisonPage } = await import('../comparing/page.ts');
  await writeFile(file, comparisonPage(comparison)).catch((error: NodeJS.ErrnoException) => {
    throw new ReleaseEngineError('input-invalid', `${file} cannot be written: ${error.code ?? error.message}`, {
      remedy: 'Name a file in a folder that is there with --html.',
    });
  });
}
