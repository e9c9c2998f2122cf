import type { Command } from 'commander';
import { samePerson } from '../../domain/approval.ts';
import { exitOfError } from '../exit-codes.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const HELP = `
Shows the login of this machine, and under which name you start releases and give commands: the same one, unless SLUICE_USER names another.
Whether an environment accepts the login is decided there, when you answer.

Exit code: 0 you are logged in, 2 you are not (login-missing).`;

export function addWhoami(program: Command, { terminal, exit }: Surroundings): void {
  program
    .command('whoami')
    .description('as whom you answer on this machine, and what proves it')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async () => {
      const [{ readLogin }, { publicPemOf }, { statedUser, userWithoutLogin }] = await Promise.all([
        import('../../config/login-file.ts'),
        import('../login/with-key.ts'),
        import('../../config/load.ts'),
      ]);
      const login = readLogin();
      if (login === undefined) {
        exit(exitOfError('login-missing'));
        const name = userWithoutLogin();
        if (terminal.json) return terminal.sayJson({ name, proof: 'none', actsAs: name });
        terminal.say(tame(`${name}, which is only a name: "sluice login" proves it`));
        return terminal.say(tame(startsAs(name)));
      }
      const publicKey = publicPemOf(login);
      const { subject } = login;
      const actsAs = statedUser() ?? subject;
      if (!terminal.json && !samePerson(actsAs, subject)) terminal.note(tame(otherName(actsAs, subject)));
      if (login.kind === 'key') {
        if (terminal.json)
          return terminal.sayJson({ name: subject, proof: 'key', keyFile: login.keyFile, publicKey, actsAs });
        terminal.say(tame(`${subject}, with the key ${login.keyFile}:\n${publicKey.trimEnd()}`));
        return terminal.say(tame(startsAs(actsAs)));
      }
      const { issuer, expiresAt } = login;
      if (terminal.json) return terminal.sayJson({ name: subject, proof: 'identity', issuer, expiresAt, actsAs });
      const over = Date.parse(expiresAt) <= Date.now() ? ' (over: log in again)' : '';
      terminal.say(tame(`${subject}, vouched for by ${issuer} until ${expiresAt}${over}`));
      return terminal.say(tame(startsAs(actsAs)));
    });
}

function startsAs(name: string): string {
  return `you start releases and give commands as ${name}`;
}

/** "not: [requester]" compares names. */
function otherName(actsAs: string, subject: string): string {
  return `SLUICE_USER makes you start releases as ${actsAs} and answer as ${subject}: unless trust.approvers has one as alias of the other, you could approve what you have started`;
}
