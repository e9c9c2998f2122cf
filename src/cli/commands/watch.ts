import type { Command } from 'commander';
import { aboutRelease, durationArgument, optionsOf } from '../arguments.ts';
import { PIPELINE_HELP, type WrittenPipelineOptions, inPipelines, pipelineOf } from '../pipeline/options.ts';
import type { Surroundings } from '../surroundings.ts';

const HELP = `
Ends with the exit code of the release's outcome. While a roll-back brings its version back somewhere, that is followed too. Ctrl-C ends the watching, not the release.

Examples:
  sluice watch iam 2026.11.3
  sluice watch iam 2026.11.3 --timeout 30m --json
  sluice watch iam 2026.11.3 --wait-for staging --timeout 50m --waiting-ok --summary promotion.md
${PIPELINE_HELP}`;

interface Options extends WrittenPipelineOptions {
  readonly timeout?: number;
}

export function addWatch(program: Command, { terminal, exit }: Surroundings): void {
  const watch = aboutRelease(
    program.command('watch').description('follow a release, one line per step, until it ends'),
  ).option('--timeout <duration>', 'stop watching after this time (exit code 7)', durationArgument);
  inPipelines(watch, 'release')
    .addHelpText('after', HELP)
    .action(async (service: string, version: string, _: unknown, command: Command) => {
      const options = optionsOf<Options>(command);
      const { timeout, waitFor, abortOnCancel = false } = options;
      const pipeline = await pipelineOf(command, options);
      const [{ withClient }, { followRelease }, { journeyBegun }, { releaseId }] = await Promise.all([
        import('../session.ts'),
        import('../follow-release.ts'),
        import('../pipeline/journey.ts'),
        import('../../contract/workflow-ids.ts'),
      ]);
      const begun = journeyBegun({ service, version, workflowId: releaseId(service, version) });
      const wish = { timeoutMs: timeout, waitFor, abortOnCancel, pipeline, events: true, rollbacks: true };
      exit(await withClient((client) => followRelease(client, begun, terminal, wish)));
    });
}
