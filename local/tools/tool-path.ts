/** Paths of the pinned tools, for TypeScript. Nothing is installed here: see `setup.mjs`. */
import { toolPath as find } from './place.mjs';

export type Tool =
  | 'cosign'
  | 'crane'
  | 'skopeo'
  | 'az'
  | 'control-plane'
  | 'kubectl'
  | 'temporal'
  | 'temporal-test-server'
  | 'buildkit'
  | 'buildx'
  | 'runc'
  | 'chromium'
  | 'shellcheck'
  | 'promtool';

/** Absolute path of an installed tool; undefined: not installed, `npm run setup` says why. */
export function toolPath(tool: Tool): string | undefined {
  return find(tool);
}
