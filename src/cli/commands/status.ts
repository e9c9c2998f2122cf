import type { Command } from 'commander';
import type { ReleaseClient, ReleaseView } from '../../client/index.ts';
import { ReleaseEngineError } from '../../client/release-engine-error.ts';
import { optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';
import { wrongCall } from '../usage.ts';

const HELP = `
Without a version: of the newest release. What guardians have found is shown where that version runs, without a version wherever
something is not as it was left.

Examples:
  sluice status iam 2026.11.3
  sluice status iam 2026.11.3 --json | jq .release.phase
  sluice status iam
  sluice status iam 2026.11.3 --observation                # what "start --observe" has found last`;

export function addStatus(program: Command, { terminal, exit }: Surroundings): void {
  program
    .command('status')
    .description('where a release stands, why it waits, what answers it')
    .argument('<service>', 'service, as sluice.yaml names it')
    .argument('[version]', 'version of the release (default: the newest)')
    .option('--observation', 'of the newest observation of that version instead')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (service: string, version: string | undefined, _: unknown, command: Command) => {
      const { config, observation } = optionsOf<{ readonly observation?: boolean }>(command);
      if (observation === true) {
        if (version === undefined) wrongCall(command, '--observation: name the version');
        const { showObservation } = await import('../observe-release.ts');
        return exit(await showObservation({ service, version }, config, terminal));
      }
      const [{ withClient }, { orMisspelt }] = await Promise.all([
        import('../session.ts'),
        import('../known-names.ts'),
      ]);
      const view = await withClient((client) =>
        version === undefined
          ? orMisspelt(config, { service }, () => newestOf(client, service))
          : client.status({ service, version }),
      );
      if (terminal.json) return terminal.sayJson(view);
      const { renderStatus } = await import('../render/status.ts');
      terminal.say(renderStatus(tame(view), terminal.paint));
    });
}

/** The list begins with what runs, then comes what has ended last. */
async function newestOf(client: ReleaseClient, service: string): Promise<ReleaseView> {
  const [listed, drifted] = await Promise.all([client.list({ service }), client.guardians({ service, drifted: true })]);
  const releases = listed.filter((one) => one.rollback !== true);
  const version = releases.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0]?.version;
  if (version === undefined) {
    const remedy = 'see what there is with "sluice list"';
    throw new ReleaseEngineError('release-not-found', `there is no release of ${service}`, { remedy });
  }
  const view = await client.status({ service, version });
  return drifted.length === 0 ? view : { ...view, drifted };
}
