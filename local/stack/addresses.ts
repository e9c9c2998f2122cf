/** What a person needs in a second shell: addresses, and commands to try. */
import { join } from 'node:path';
import { auditorsFile, environmentFile } from './environment-files.ts';
import { belongingsOf } from './people.ts';
import type { Stack } from './start-stack.ts';
import { ENVIRONMENTS } from './world.ts';

type Say = (line: string) => void;

export function showAddresses(stack: Stack, say: Say): void {
  const { emulator, temporal, webUrl } = stack;
  say('');
  if (webUrl !== undefined) say(`web pages       ${webUrl}`);
  say(`Temporal UI     ${temporal.uiUrl}`);
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

export function showCommands(stack: Stack, say: Say): void {
  say('\nIn another shell, as the build pipeline:');
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

/** What is left of a version that has arrived, for whoever may read every registry and nothing else. */
export function showAudit(stack: Stack, version: string, say: Say): void {
  say('\nAn auditor may read every registry, and nothing else:');
  for (const line of [
    `source ${auditorsFile(stack)}`,
    'sluice audit',
    `sluice verify iam:${version} --environment production --explain`,
    `sluice evidence export iam ${version} --out iam.evidence.tar`,
    'sluice evidence trust --out trust',
    'sluice evidence verify iam.evidence.tar --trust trust/trust.yaml',
  ]) {
    say(`  ${line}`);
  }
}

/** How two people let a version into production, each as themselves; in parentheses, so that the shell stays whose it is. */
export function showAnswers({ signIn, peopleFolder, webUrl }: Stack, version: string, say: Say): void {
  const names = signIn ? ['ada', 'grace'] : ['grace', 'linus'];
  const login = signIn ? 'sluice login && ' : '';
  say('\nProduction asks two release managers. Each answers as themselves:');
  for (const name of names) {
    const { environmentFile: file } = belongingsOf(peopleFolder, name);
    say(`  (source ${file}; ${login}sluice approve iam ${version} --reason "seen in staging")`);
  }
  if (webUrl === undefined) return;
  const proof = signIn ? 'signed in as one of them' : `with ${belongingsOf(peopleFolder, names[0] ?? '').keyFile}`;
  say(`or at ${new URL(`releases/iam/${version}/production/answer`, webUrl).href}, ${proof}`);
}

function namespaceOf(environment: string): string {
  return ENVIRONMENTS.find(({ name }) => name === environment)?.namespace ?? 'default';
}
