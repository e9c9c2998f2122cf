/** What a person needs in a second shell: addresses, variables, commands to try. */
import { join } from 'node:path';
import { checkout } from '../tools/place.mjs';
import type { ProcessHost } from './process-environment.ts';
import type { Stack } from './start-stack.ts';
import { ENVIRONMENTS } from './world.ts';

type Say = (line: string) => void;

export function showAddresses(stack: Stack, say: Say): void {
  const { emulator, temporal } = stack;
  say(`\nTemporal UI     ${temporal.uiUrl}`);
  say(`Temporal        ${temporal.address}`);
  for (const { name, registry } of ENVIRONMENTS) {
    say(`${`${name}:`.padEnd(15)} registry ${emulator.registries[registry]?.loginServer} (${registry})`);
  }
  for (const [name, kubeconfig] of Object.entries(stack.clusters.adminKubeconfigs)) {
    say(`${`${name}:`.padEnd(15)} kubectl --kubeconfig ${kubeconfig} --namespace ${namespaceOf(name)} get pods`);
  }
  say(`configuration   ${stack.configFile}`);
  say(`logs            ${join(stack.dir, 'logs')}`);
}

/** Written beside the configuration, because the identity's header is a secret and does not belong on a screen. */
export function environmentFile(stack: Stack): string {
  return join(stack.dir, 'env');
}

/** `export NAME='value'` lines for `source`, as a person on the pipeline's host. */
export function environmentLines(stack: Stack, host: ProcessHost = 'pipeline'): string {
  const inherited = ['HOME', 'LANG', 'TZ', 'TMPDIR', 'TERM', 'NO_COLOR', 'PATH'];
  const own = Object.entries(stack.env(host)).filter(([name]) => !inherited.includes(name));
  const lines = [...own, ['PATH', `${join(checkout, 'bin')}:$PATH`]].map(([name, value]) =>
    name === 'PATH' ? `export ${name}="${value}"` : `export ${name}='${value}'`,
  );
  return `${lines.join('\n')}\n`;
}

export function showCommands(stack: Stack, say: Say): void {
  say('\nIn another shell:');
  for (const line of [
    `source ${environmentFile(stack)}`,
    'sluice board                         # what is where',
    'sluice list',
    'sluice status iam 2026.11.3',
    'sluice watch iam 2026.11.4',
    'sluice plan iam 2026.11.3            # what a release would do; changes nothing',
    'sluice doctor',
  ]) {
    say(`  ${line}`);
  }
}

function namespaceOf(environment: string): string {
  return ENVIRONMENTS.find(({ name }) => name === environment)?.namespace ?? 'default';
}
