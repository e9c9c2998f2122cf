import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const HELP = `
Shows the login of this machine. Whether an environment accepts it is decided there, when you answer.`;

export function addWhoami(program: Command, { terminal, exit }: Surroundings): void {
  program
    .command('whoami')
    .description('as whom you answer on this machine, and what proves it')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async () => {
      const [{ readLogin }, { publicPemOf }, { currentUser }] = await Promise.all([
        import('../../config/login-file.ts'),
        import('../login/with-key.ts'),
        import('../../config/load.ts'),
      ]);
      const login = readLogin();
      if (login === undefined) {
        exit(EXIT.notFound);
        const name = currentUser();
        if (terminal.json) return terminal.sayJson({ name, proof: 'none' });
        return terminal.say(tame(`${name}, which is only a name: "sluice login" proves it`));
      }
      const publicKey = publicPemOf(login);
      const { subject } = login;
      if (login.kind === 'key') {
        if (terminal.json) return terminal.sayJson({ name: subject, proof: 'key', keyFile: login.keyFile, publicKey });
        return terminal.say(tame(`${subject}, with the key ${login.keyFile}:\n${publicKey.trimEnd()}`));
      }
      const { issuer, expiresAt } = login;
      if (terminal.json) return terminal.sayJson({ name: subject, proof: 'identity', issuer, expiresAt });
      const over = Date.parse(expiresAt) <= Date.now() ? ' (over: log in again)' : '';
      return terminal.say(tame(`${subject}, vouched for by ${issuer} until ${expiresAt}${over}`));
    });
}
