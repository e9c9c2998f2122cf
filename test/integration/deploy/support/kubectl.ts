/** kubectl as a platform team uses it: against a control plane of this test, with a home folder of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { toolPath } from '../../../../local/tools/tool-path.ts';

export const EXAMPLE = fileURLToPath(new URL('../../../../deploy/kubernetes/example', import.meta.url));
export const CHECK = fileURLToPath(new URL('../../../../deploy/kubernetes/check.ts', import.meta.url));
export const binary = toolPath('control-plane');
export const skip = binary !== undefined || process.env['CI'] ? false : 'control-plane is not installed: npm run setup';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export function kubectl(args: readonly string[], input = '', home = '/nonexistent'): Promise<Said> {
  return ran(toolPath('kubectl') ?? 'kubectl', args, input, { HOME: home });
}

export function check(manifests: string): Promise<Said> {
  return ran(process.execPath, [CHECK], manifests, process.env);
}

function ran(file: string, args: readonly string[], input: string, env: NodeJS.ProcessEnv): Promise<Said> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { timeout: 180_000, env, maxBuffer: 16_777_216 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
    );
    child.stdin?.end(input);
  });
}
