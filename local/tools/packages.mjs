/**
 * Packages of this repository with a lockfile of their own: programs for people who never run the engine (`deploy/azure` has the types
 * of the whole Azure API), so that installing Sluice does not install them. Their tests are integration tests of `npm test`.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { installDependencies } from './dependencies.mjs';
import { checkout } from './place.mjs';

/** Their folders, relative to the checkout. */
export function ownPackages(root = checkout) {
  if (!existsSync(join(root, 'deploy'))) return [];
  const folders = readdirSync(join(root, 'deploy')).map((name) => join('deploy', name));
  return folders.filter((folder) => existsSync(join(root, folder, 'package-lock.json')));
}

/** `npm ci` in each whose node_modules is not what its lockfile says. Throws when a registry says no. */
export async function installOwnPackages(say, root = checkout) {
  for (const folder of ownPackages(root)) {
    const how = await installDependencies((line) => say(`${folder}: ${line}`), join(root, folder));
    if (how !== 'in place') say(`${folder}: ${how}`);
  }
}
