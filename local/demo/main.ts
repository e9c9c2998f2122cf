/** `npm run demo [-- --exit] [-- --cluster simulated]`: the story of a signed image on one machine, asserted line by line. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readExample } from '../../examples/images.ts';
import { showAddresses, showAnswers, showAudit, showCommands } from '../stack/addresses.ts';
import { aborted, Interrupted, interruption } from '../stack/interruption.ts';
import { type Stack, startStack } from '../stack/start-stack.ts';
import { checkout } from '../tools/place.mjs';
import { createStage, type Stage } from './stage.ts';
import { tellStory } from './story.ts';

/** Of a release that the audience can start and answer; the examples end before it. */
const NEXT_VERSION = '2026.11.7';

const { values: options } = parseArgs({
  options: {
    exit: { type: 'boolean', default: false },
    cluster: { type: 'string', default: 'real' },
    kubeconfig: { type: 'string' },
    ports: { type: 'string', default: 'default' },
    dir: { type: 'string', default: join(checkout, '.sluice', 'demo') },
  },
});
const cluster = oneOf('cluster', options.cluster, ['real', 'simulated']);
const ports = oneOf('ports', options.ports, ['default', 'free']);

const signal = interruption();
const colour = process.stdout.isTTY && !process.env['NO_COLOR'];
const stage = createStage((line) => console.log(line), colour);
let stack: Stack | undefined;
try {
  stack = await prepare();
  await tellStory(stack, stage, signal);
  process.exitCode = sumUp(stage) ? 0 : 1;
  if (!options.exit) await keep(stack);
} catch (error) {
  process.exitCode = signal.aborted ? 130 : 1;
  const shown = signal.aborted ? signal.reason : error;
  console.error(shown instanceof Interrupted ? shown.message : shown);
} finally {
  if (stack !== undefined) console.log('stopping …');
  await stack?.stop();
}

/** A release happens once: every demo begins with an empty world. */
async function prepare(): Promise<Stack> {
  stage.chapter('0  The local stack');
  if (cluster === 'simulated')
    stage.note('clusters are simulated in memory; without --cluster simulated they are real');
  rmSync(options.dir, { recursive: true, force: true });
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  return startStack({
    dir: options.dir,
    ports,
    cluster,
    web: true,
    kubeconfig: options.kubeconfig,
    signal,
    onUp: (name, ms) => stage.line('', 'up', name, ms),
  });
}

function sumUp({ expectations, note, chapter }: Stage): boolean {
  const broken = expectations.filter(({ holds }) => !holds);
  chapter('Outcome');
  note(`${expectations.length - broken.length} of ${expectations.length} expectations held`);
  for (const { chapter: where, what, got } of broken) note(`✗ ${where}: ${what} (got ${got})`);
  return broken.length === 0 && expectations.length > 0;
}

async function keep(running: Stack): Promise<void> {
  showAddresses(running, console.log);
  showCommands(running, console.log);
  const { image, version } = readExample('v1');
  console.log(`  sluice start iam ${NEXT_VERSION} --image iam@${image.digest}   # the first image once more`);
  showAnswers(running, NEXT_VERSION, console.log);
  showAudit(running, version, console.log);
  console.log('\nThe stack stays up until Ctrl-C.');
  await aborted(signal);
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  console.error(`--${name}: expected ${allowed.join(' or ')}, got "${value}"`);
  process.exit(2);
}
