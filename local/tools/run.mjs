/**
 * `node local/tools/run.mjs <command> [arguments]`: brings what the command needs (dependencies, then tools), and runs it on the
 * Node 24 that comes with the dependencies, whatever Node started this. Works on a fresh clone with Node 20.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installDependencies } from './dependencies.mjs';
import { installOwnPackages } from './packages.mjs';
import { checkout } from './place.mjs';
import { endWithSignals, installTools } from './setup.mjs';

const OLDEST_NODE = [20, 3];

const COMMANDS = {
  demo: { program: 'local/demo/main.ts', tools: ['temporal', 'control-plane'] },
  stack: { program: 'local/stack/main.ts', tools: ['temporal', 'control-plane'] },
  emulator: { program: 'local/acr-emulator/main.ts', tools: [] },
  bench: { program: 'bench/run.ts', tools: ['temporal', 'control-plane', 'cosign', 'az'] },
  pictures: { program: 'local/pictures/main.ts', tools: ['temporal', 'control-plane'] },
  // The test runner fetches tools itself, beside the unit tests.
  test: { program: 'local/tools/tests/main.ts', tools: [] },
  dependencies: undefined,
};

const [name = '', ...rest] = process.argv.slice(2);

async function main() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    throw new Error(`needs Node.js ${OLDEST_NODE.join('.')} or newer, this is ${process.versions.node}`);
  }
  if (!(name in COMMANDS)) throw new Error(`"${name}" is not one of ${Object.keys(COMMANDS).join(', ')}`);
  const say = (line) => console.error(`  ${line}`);
  const setUpIsOver = endWithSignals();
  const how = await installDependencies(say);
  if (how !== 'in place') console.error(`dependencies: ${how}`);
  const command = COMMANDS[name];
  if (command === undefined) return installOwnPackages(say);
  await bringTools(command.tools, say);
  setUpIsOver();
  process.exitCode = await runOnNode24([join(checkout, command.program), ...rest]);
}

/** `--cluster simulated` does without the control plane, the one long build. */
async function bringTools(tools, say) {
  const isSimulated = rest.join('=').includes('--cluster=simulated');
  const needed = tools.filter((tool) => !(isSimulated && tool === 'control-plane'));
  const quietly = (line) => (line.includes('in the cache') ? undefined : say(line.trim()));
  const results = await installTools(needed, quietly);
  const missing = results.filter((result) => result.path === undefined);
  if (missing.length > 0) throw new Error(`cannot go on without ${missing.map((result) => result.tool).join(', ')}`);
}

/** Signals go on to the program, and when this process dies the program learns it by the closed channel. */
function runOnNode24(args) {
  const node = join(checkout, 'node_modules', '.bin', 'node');
  const env = { ...process.env, PATH: `${join(checkout, 'node_modules', '.bin')}:${process.env.PATH}` };
  const child = spawn(existsSync(node) ? node : process.execPath, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
