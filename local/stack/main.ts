/** `npm run stack [-- --cluster simulated] [-- --sign-in]`: the local stack for hand use, until Ctrl-C. State stays in `.sluice/stack`. */
import { join } from 'node:path';
import { EXAMPLES } from '../../examples/images.ts';
import { parsed, shortly } from '../tools/parsed.ts';
import { checkout } from '../tools/place.mjs';
import { showAddresses, showAnswers, showAudit, showCommands } from './addresses.ts';
import { aborted, Interrupted, interruption } from './interruption.ts';
import { type Stack, startStack } from './start-stack.ts';

const USAGE = `Usage: npm run stack -- [options]

  --cluster simulated     simulated clusters instead of control planes
  --kubeconfig <file>     a cluster of one's own
  --sign-in               people sign in at the stack's login service
  --ports free            any free ports
  --dir <folder>          state (default .sluice/stack)
`;

const { values: options } = parsed(USAGE, {
  options: {
    cluster: { type: 'string', default: 'real' },
    kubeconfig: { type: 'string' },
    'sign-in': { type: 'boolean', default: false },
    ports: { type: 'string', default: 'default' },
    dir: { type: 'string', default: join(checkout, '.sluice', 'stack') },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  process.stdout.write(USAGE);
  process.exit();
}
const signal = interruption();
let stack: Stack | undefined;
try {
  stack = await startStack({
    dir: options.dir,
    ports: options.ports === 'free' ? 'free' : 'default',
    cluster: options.cluster === 'simulated' ? 'simulated' : 'real',
    kubeconfig: options.kubeconfig,
    signIn: options['sign-in'],
    web: true,
    signal,
    onUp: (name, ms) => console.log(`up: ${name} (${(ms / 1000).toFixed(1)} s)`),
  });
  for (const name of EXAMPLES) {
    const { version, image } = await stack.push(name);
    console.log(`pushed: iam:${version} ${image.digest} (${name})`);
  }
  showAddresses(stack, console.log);
  showCommands(stack, console.log);
  console.log('  sluice start iam 2026.11.3 --wait');
  showAnswers(stack, '2026.11.3', console.log);
  showAudit(stack, '2026.11.3', console.log);
  console.log('\nThe stack stays up until Ctrl-C; its state stays in its folder.');
  await aborted(signal);
} catch (error) {
  process.exitCode = signal.aborted ? 130 : 1;
  console.error(signal.aborted && signal.reason instanceof Interrupted ? signal.reason.message : shortly(error));
} finally {
  if (stack !== undefined) console.log('stopping …');
  await stack?.stop();
}
