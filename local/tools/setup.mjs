/**
 * Brings dependencies and pinned tools to this machine: `node local/tools/setup.mjs [--only temporal,cosign] [--with az]`.
 * Runs on Node 20 without any dependency, never as another user, and keeps everything but node_modules in the cache.
 */
import { pathToFileURL } from 'node:url';
import { installDependencies } from './dependencies.mjs';
import { installTool } from './install-tool.mjs';
import { cacheRoot, pins } from './place.mjs';
import { endCommands } from './run-command.mjs';

/** What a test or a command does without when a tool is missing. */
const USED_FOR = {
  temporal: 'demo, stack, integration and end-to-end tests',
  'temporal-test-server': 'sluice rehearse, tests that let days pass',
  cosign: 'tests against the real cosign, new example images',
  crane: 'tests against the real crane',
  'control-plane': 'demo and stack with the real cluster (or use --cluster simulated), integration tests',
  az: 'tests against the real az',
  skopeo: 'tests against the real skopeo',
  buildkit: 'tests that build an image with pipelines/scripts/build.sh',
  runc: 'the same',
  shellcheck: 'tests of the scripts in pipelines/',
  promtool: 'tests of alert rules and dashboards',
  chromium: 'tests of the web pages in a real browser, pictures',
};

/** Everything but `az`, which is 733 MB and comes with CI=true or `npm run test:clients`. */
export function usualTools(env = process.env) {
  return Object.keys(pins).filter((tool) => tool !== 'az' || Boolean(env.CI));
}

/** Installs the tools, those that are built one after the other; resolves to what became of each. */
export async function installTools(tools, tell = console.error) {
  const isBuilt = (tool) => pins[tool]?.go !== undefined || pins[tool]?.build !== undefined;
  const install = async (tool) => {
    const result = await installTool(tool, (line) => tell(`  ${tool}: ${line}`));
    tell(lineOf(result));
    return result;
  };
  const inOrder = async (some) => {
    const results = [];
    for (const tool of some) results.push(await install(tool));
    return results;
  };
  const lanes = [tools.filter((tool) => !isBuilt(tool)), tools.filter(isBuilt)];
  return (await Promise.all(lanes.map(inOrder))).flat();
}

function lineOf({ tool, path, how, ms }) {
  const seconds = ms < 500 ? '' : ` (${(ms / 1000).toFixed(1)} s)`;
  if (path !== undefined) return `  ${tool} ${pins[tool].version}: ${how}${seconds}`;
  return `  ${tool} is missing: ${how}; without it: ${USED_FOR[tool] ?? 'nothing'} do not run`;
}

/** Ends started builds when set-up itself is told to end; the answer takes that promise back. */
export function endWithSignals() {
  const handlers = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ].map(([signal, code]) => [signal, () => (endCommands(), process.exit(code))]);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => handlers.forEach(([signal, handler]) => process.off(signal, handler));
}

async function main(args) {
  endWithSignals();
  const listAfter = (flag) => (args.includes(flag) ? (args[args.indexOf(flag) + 1] ?? '').split(',') : undefined);
  const only = listAfter('--only');
  const tools = new Set([...(only ?? usualTools()), ...(listAfter('--with') ?? [])]);
  console.error(`dependencies: ${await installDependencies((line) => console.error(`  ${line}`))}`);
  console.error(`tools, kept in ${cacheRoot()}:`);
  const results = await installTools([...tools]);
  const missing = results.filter((result) => result.path === undefined);
  if (missing.length > 0 && (process.env.CI || only !== undefined)) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2));
