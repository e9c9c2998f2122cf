/** `npm run pictures [-- --cluster simulated] [-- --only runs|answers|restraints|states|demo]`: the pictures of README and docs, taken from the real thing. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Stack, startStack } from '../stack/start-stack.ts';
import { checkout } from '../tools/place.mjs';
import { toolPath } from '../tools/tool-path.ts';
import { photographAnswers } from './answer-pages.ts';
import { openCamera } from './chromium.ts';
import { photographDemo } from './demo-page.ts';
import { photographRestraints } from './restraint-pages.ts';
import { addServices } from './several-services.ts';
import { photographStates } from './state-pages.ts';
import { photographRuns } from './temporal-pages.ts';

const { values: options } = parseArgs({
  options: { cluster: { type: 'string', default: 'real' }, only: { type: 'string' } },
});
if (toolPath('chromium') === undefined) {
  console.error('pictures need Chromium: "apt-get install chromium" (Debian), or name one with SLUICE_CHROMIUM');
  process.exit(1);
}

const folder = join(checkout, 'docs', 'pictures');
mkdirSync(folder, { recursive: true });
const state = mkdtempSync(join(tmpdir(), 'sluice-pictures-'));
const camera = await openCamera();
try {
  const files = [
    ...(wanted('runs') ? await onStack('runs', (stack) => photographRuns(stack, camera, folder)) : []),
    ...(wanted('answers') ? await onStack('answers', (stack) => photographAnswers(stack, folder)) : []),
    ...(wanted('restraints') ? await onStack('restraints', (stack) => photographRestraints(stack, folder)) : []),
    ...(wanted('states') ? await inStates() : []),
    ...(wanted('demo') ? [await photographDemo(camera, state, folder)] : []),
  ];
  files.forEach((file) => console.log(file));
} finally {
  await camera.close();
  rmSync(state, { recursive: true, force: true });
}

type Part = 'runs' | 'answers' | 'restraints' | 'states';

function wanted(part: Part | 'demo'): boolean {
  return options.only === undefined || options.only === part;
}

/** What a page says does not depend on the cluster: the simulated one is there at once. */
async function inStates(): Promise<readonly string[]> {
  const stack = await startStack({ dir: join(state, 'states'), ports: 'free', cluster: 'simulated', workers: [] });
  try {
    addServices(stack.configFile);
    await Promise.all(Object.values(stack.workers).map((one) => one.start()));
    return await photographStates(stack, folder);
  } finally {
    await stack.stop();
  }
}

async function onStack(
  part: Part,
  photograph: (stack: Stack) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const cluster = options.cluster === 'simulated' ? 'simulated' : 'real';
  const stack = await startStack({ dir: join(state, part), ports: 'free', cluster, signIn: part !== 'runs' });
  try {
    return await photograph(stack);
  } finally {
    await stack.stop();
  }
}
