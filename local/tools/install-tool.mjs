/** One tool from nowhere to the cache, by the first route that works. */
import { existsSync, lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { intoCache } from './into-cache.mjs';
import { folderOf, pins, toolPath, variableOf } from './place.mjs';
import { fits, fromPath } from './routes/own.mjs';
import { fromGo, fromSources, fromSystem, fromVenv, fromWheel } from './routes/registry.mjs';
import { fromRelease } from './routes/release.mjs';

/** What became of it: `{tool, path, how, ms}`, with `path` undefined and `how` the reason when it cannot be had. */
export async function installTool(tool, say) {
  const began = Date.now();
  const done = (path, how) => ({ tool, path, how, ms: Date.now() - began });
  try {
    const how = await install(tool, say);
    return done(toolPath(tool), how);
  } catch (error) {
    return done(undefined, error.message);
  }
}

async function install(tool, say) {
  const pin = pins[tool];
  if (pin === undefined) throw new Error(`is not one of ${Object.keys(pins).join(', ')}`);
  if (process.env[variableOf(tool)]) return named(tool);
  if (pin.system !== undefined) return toolPath(tool) ? 'on PATH' : fromSystem(tool, pin, say);
  const target = folderOf(tool);
  await forgetMisfit(tool, pin, target);
  const isThere = () => existsSync(join(target, 'bin', tool));
  if (isThere()) return 'in the cache';
  let how;
  const others = await intoCache(target, isThere, async (draft) => (how = await make(tool, pin, draft, say)), say);
  return others ? 'in the cache (another set-up made it)' : how;
}

function named(tool) {
  if (toolPath(tool) !== undefined) return `named by ${variableOf(tool)}`;
  throw new Error(`${variableOf(tool)}=${process.env[variableOf(tool)]} is not a program`);
}

async function make(tool, pin, draft, say) {
  const ready = (await fromPath(tool, pin, draft)) ?? (await released(tool, pin, draft, say));
  if (ready !== undefined) return ready;
  if (pin.wheel !== undefined) return fromWheel(tool, pin, draft, say);
  const long = pin.go ?? pin.build;
  if (long !== undefined) say(`building; the first time this usually takes ${long.usually}`);
  if (pin.go !== undefined) return fromGo(tool, pin, draft, say);
  if (pin.build !== undefined) return fromSources(tool, pin, draft, say);
  say('installing a virtual environment (about a minute)');
  return fromVenv(tool, pin, draft, say);
}

/** A release with another checksum is told and not used; the registry route is still good. */
async function released(tool, pin, draft, say) {
  try {
    return await fromRelease(tool, pin, draft);
  } catch (error) {
    say(error.message);
    return undefined;
  }
}

/** A link to a program on PATH that has been exchanged since. */
async function forgetMisfit(tool, pin, target) {
  const link = join(target, 'bin', tool);
  const isLink = lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  if (isLink && !(await fits(link, pin))) rmSync(target, { recursive: true, force: true });
}
