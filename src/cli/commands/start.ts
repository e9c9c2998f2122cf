import type { Command } from 'commander';
import {
  aboutRelease,
  commitTimeArgument,
  durationArgument,
  optionsOf,
  spanArgument,
  type WishOptions,
  wishOf,
} from '../arguments.ts';
import {
  PIPELINE_HELP,
  type WrittenPipelineOptions,
  assertWaits,
  inPipelines,
  pipelineOf,
} from '../pipeline/options.ts';
import type { Surroundings } from '../surroundings.ts';
import { wrongCall } from '../usage.ts';

const HELP = `
Checks the manifests, resolves the image to its digest in the first environment's registry, publishes the manifests beside it,
and starts the release. The same service, version and content again attaches to the release that exists, so a pipeline may
repeat this as often as it likes.

Examples:
  sluice start iam 2026.11.3                                  # image iam:2026.11.3
  sluice start iam 2026.11.3 --image iam@sha256:… --wait
  sluice start iam 2026.11.3 --manifests sha256:…             # published and signed before: docs/manifests.md
  sluice start iam 2026.11.3 --until staging --wait --timeout 30m
  sluice start iam 2026.11.3 --wait --wait-for dev --summary release.md   # a build's part of it: the rest goes on
  sluice start iam 2026.11.3 --dry-run                        # the same as "sluice plan"
  sluice start iam 2026.11.3 --observe --summary shadow.md    # beside a legacy pipeline: docs/migration.md

--observe goes through the whole journey with every effect replaced by a check, and is over in a minute: it waits for no person and no
gate, says for each step what would have happened, and compares what runs in each environment with what Sluice would have brought there.
No registry, cluster or record is changed (manifests are tried by a dry run at the API server), nobody is asked or told. Exit code
0: it would be released, at once or after waiting; 3: it would be refused; 10: it would stand still until somebody mends something.
${PIPELINE_HELP}`;

interface Options extends WishOptions, WrittenPipelineOptions {
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly dryRun?: boolean;
  readonly observe?: boolean;
}

export function addStart(program: Command, { terminal, exit }: Surroundings): void {
  const start = aboutRelease(program.command('start').description('start a release, or attach to the one that exists'))
    .option('--image <reference>', 'repository:tag or repository@sha256:… (default: the version as a tag)')
    .option('--manifests <digest>', 'manifests published beside the image already (default: those of your folder)')
    .option('--until <environment>', 'stop after this environment')
    .option('--ticket <reference>', 'the ticket that this release belongs to, for gates that want one')
    .option('--allow-older', 'pass gates that let no older version over a newer one')
    .option('--hot-fix', 'go before others that wait for their turn in an environment')
    .option('--committed-at <time>', 'when its commit was made, for "sluice metrics"', commitTimeArgument)
    .option('--build-took <duration>', 'how long its build took, for "sluice metrics"', spanArgument)
    .option('--wait', 'follow it until it ends; exit with its outcome')
    .option('--timeout <duration>', 'wait at most so long (exit code 7); the release goes on', durationArgument)
    .option('--dry-run', 'only say what would happen')
    .option('--observe', 'shadow mode: check everything on the way, change nothing, compare what runs there');
  inPipelines(start, 'release')
    .addHelpText('after', HELP)
    .action(async (service: string, version: string, _: unknown, command: Command) => {
      const { wait, timeout, dryRun, observe, config, ...options } = optionsOf<Options>(command);
      const wish = wishOf(service, version, options);
      if (observe === true) {
        assertObserves(command, dryRun === undefined ? options : { ...options, dryRun });
        const pipeline = await pipelineOf(command, options);
        const { observeRelease } = await import('../observe-release.ts');
        return exit(await observeRelease(wish, config, terminal, { timeoutMs: timeout, pipeline }));
      }
      if (dryRun === true) {
        const { showPlan } = await import('../show-plan.ts');
        return exit(await showPlan(wish, config, terminal));
      }
      if (wait !== true) assertWaits(command, options);
      const pipeline = await pipelineOf(command, options);
      const { startAndFollow } = await import('../start-and-follow.ts');
      const { waitFor, abortOnCancel = false } = options;
      const following = { timeoutMs: timeout, waitFor, abortOnCancel, pipeline };
      exit(await startAndFollow(wish, config, terminal, { wait: wait === true, ...following }));
    });
}

/** Options that mean nothing where no release is started and nothing is waited for. */
function assertObserves(command: Command, options: Omit<Options, 'observe' | 'wait' | 'timeout'>): void {
  const names = {
    dryRun: '--dry-run',
    waitFor: '--wait-for',
    waitingOk: '--waiting-ok',
    abortOnCancel: '--abort-on-cancel',
    hotFix: '--hot-fix',
  } as const;
  const given = Object.entries(names).filter(([key]) => options[key as keyof typeof names] !== undefined);
  if (given.length > 0) wrongCall(command, `${given.map(([, name]) => name).join(', ')}: not with --observe`);
}
