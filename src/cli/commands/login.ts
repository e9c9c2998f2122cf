import { basename } from 'node:path';
import type { Command } from 'commander';
import { optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const HELP = `
With --key you sign with a key of your own: the file is taken if it is there (Ed25519 or P-256, PEM), and made if not. Its public half
belongs into trust.approvers of sluice.yaml. Without --key you sign in with the identity provider of sluice.yaml (trust.identity):
open the address that is shown, enter the code, and answer for as long as that login lasts.

Examples:
  sluice login --key ~/.config/sluice/ada.pem --as ada
  sluice login`;

interface Options {
  readonly key?: string;
  readonly as?: string;
}

export function addLogin(program: Command, { terminal }: Surroundings): void {
  program
    .command('login')
    .description('become somebody who can prove who answers')
    .option('--key <file>', 'private key to sign with; made when it is not there')
    .option(
      '--as <name>',
      'with --key: your name in trust.approvers (default: SLUICE_USER, else the user of this machine)',
    )
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (_: unknown, command: Command) => {
      const { key, as: name, config: path } = optionsOf<Options>(command);
      const { loadConfig, userWithoutLogin } = await import('../../config/load.ts');
      if (key !== undefined) {
        const { logInWithKey } = await import('../login/with-key.ts');
        const login = logInWithKey(key, name ?? userWithoutLogin());
        if (terminal.json) return terminal.sayJson(login);
        const { subject, publicFile, publicKey, made, keyFile } = tame(login);
        terminal.say(
          `${subject}, with ${made ? 'the new key' : 'the key'} ${keyFile}; its public half is ${publicFile}:`,
        );
        terminal.say(publicKey.trimEnd());
        terminal.say(
          'Put that file into the folder keys beside sluice.yaml, and this line under trust.approvers, below your group:',
        );
        return terminal.say(`  - { name: ${subject}, key: keys/${basename(publicFile)} }`);
      }
      const { logInWithIssuer } = await import('../login/with-issuer.ts');
      const login = await logInWithIssuer(await loadConfig(path), ({ url, code }) =>
        terminal.note(tame(`open ${url} and enter ${code}`)),
      );
      const { subject, issuer, expiresAt } = login;
      if (terminal.json) return terminal.sayJson({ subject, issuer, expiresAt });
      return terminal.say(tame(`${subject}, vouched for by ${issuer} until ${expiresAt}`));
    });
}

export function addLogout(program: Command, { terminal }: Surroundings): void {
  program
    .command('logout')
    .description('forget who you are on this machine; a key of your own stays where it is')
    .option('--json', 'one JSON value on stdout')
    .action(async () => {
      const { removeLogin } = await import('../../config/login-file.ts');
      const was = removeLogin();
      if (terminal.json) terminal.sayJson({ loggedOut: was });
      else terminal.say(was ? 'logged out' : 'nobody was logged in');
    });
}
