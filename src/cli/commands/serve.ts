import { type Command, InvalidArgumentError } from 'commander';
import { optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { wrongCall } from '../usage.ts';

const HELP = `
Shows the board, releases as they happen, plans and history. Where sluice.yaml says how people prove who they are, they answer here as well:
with a key that stays in their browser, and stop and hold environments: signed in where they can sign in, else only on this machine. The server
answers for nobody. With --read-only, or where there is no sluice.yaml, it only shows.
Listens on loopback unless --behind-proxy names the public name of a reverse proxy that does TLS and sign-in.

Examples:
  sluice serve
  sluice serve --read-only
  sluice serve --port 8090 --temporal-ui http://127.0.0.1:8233
  sluice serve --address 0.0.0.0 --behind-proxy sluice.example.com`;

interface Options {
  readonly address: string;
  readonly port: number;
  readonly behindProxy?: string;
  readonly temporalUi?: string;
  readonly readOnly?: boolean;
  readonly config?: string;
}

export function addServe(program: Command, { terminal }: Surroundings): void {
  program
    .command('serve')
    .description('show releases in a browser until it is told to stop (SIGTERM, Ctrl-C)')
    .option('--address <ip>', 'where to listen', '127.0.0.1')
    .option('--port <number>', 'on which port; 0 for any', portArgument, 8088)
    .option('--behind-proxy <host>', 'name under which a reverse proxy with TLS and sign-in serves it', hostArgument)
    .option('--temporal-ui <url>', "Temporal's own screen, to link to it", webAddressArgument)
    .option('--read-only', 'take nothing from anybody')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', HELP)
    .action(async (_: unknown, command: Command) => {
      const { address, port, behindProxy, temporalUi, readOnly = false, config } = optionsOf<Options>(command);
      const { isLoopback } = await import('../../web/hosts.ts');
      if (!isLoopback(address) && behindProxy === undefined) {
        wrongCall(
          command,
          `${address} is not loopback, and this server neither encrypts nor asks who looks: put a reverse proxy that does both before it and name it with --behind-proxy`,
        );
      }
      const { serveUntilStopped } = await import('../serving/serve-until-stopped.ts');
      const optional = {
        ...(config === undefined ? {} : { config }),
        ...(behindProxy === undefined ? {} : { behindProxy }),
        ...(temporalUi === undefined ? {} : { temporalUi }),
      };
      await serveUntilStopped({ address, port, readOnly, ...optional }, terminal);
    });
}

function portArgument(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Write a number from 0 to 65535.');
  return port;
}

function hostArgument(text: string): string {
  if (!/^[A-Za-z0-9.-]+(?::\d{1,5})?$/.test(text))
    throw new InvalidArgumentError('Write a host name, as browsers send it.');
  return text;
}

function webAddressArgument(text: string): string {
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new InvalidArgumentError('Write an address with http or https.');
  return text;
}
