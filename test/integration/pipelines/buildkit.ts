/** BuildKit itself, as a program: it runs as root, in a folder of its own, and pushes with the credentials of whoever asks it to build. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { startProgram } from '../../../local/tools/program.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { until } from '../../../local/tools/until.ts';

const NEEDED = ['buildkit', 'buildx', 'runc'] as const;

/** For `test(…, { skip })`: false when it can run or must be able to. */
export function skipWithoutBuildKit(): string | false {
  if (process.env['CI']) return false;
  const missing = NEEDED.filter((tool) => toolPath(tool) === undefined);
  if (missing.length > 0) return `${missing.join(', ')} not installed: npm run setup`;
  return process.getuid?.() === 0 ? false : 'BuildKit without root needs newuidmap and more, which is not set up here';
}

export interface BuildKit {
  /** What a client gets in BUILDKIT_HOST. */
  readonly address: string;
  /** Folder with `buildx`, for PATH. */
  readonly bin: string;
  stop(): Promise<void>;
}

/** A BuildKit that has built nothing yet. `registries`: login servers, whose certificates `caFile` vouches for. */
export async function startBuildKit(dir: string, registries: readonly string[], caFile: string): Promise<BuildKit> {
  mkdirSync(dir, { recursive: true });
  const socket = join(dir, 'buildkit.sock');
  const config = join(dir, 'buildkitd.toml');
  // without a word about it BuildKit speaks plain HTTP to this machine
  writeFileSync(
    config,
    registries.map((name) => `[registry."${name}"]\n  http = false\n  ca = ["${caFile}"]\n`).join(''),
  );
  const program = await startProgram({
    name: 'buildkitd',
    file: toolPath('buildkit') ?? '',
    args: [
      ...['--addr', `unix://${socket}`, '--root', join(dir, 'root'), '--config', config],
      ...['--containerd-worker=false', '--oci-worker-snapshotter=native', '--oci-worker-net=host'],
      `--oci-worker-binary=${toolPath('runc') ?? ''}`,
    ],
    logFile: join(dir, 'buildkitd.log'),
  });
  try {
    await until(() => answers(socket), {
      ...{ what: 'BuildKit listens', timeoutMs: 60_000 },
      hopeless: program.ended.then((how) => `ended with ${how}: ${program.logTail()}`),
    });
  } catch (error) {
    await program.stop();
    throw error;
  }
  return {
    address: `unix://${socket}`,
    bin: dirname(toolPath('buildx') ?? ''),
    async stop() {
      await program.stop();
      rmSync(dir, { recursive: true });
    },
  };
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    connection.once('connect', () => resolve(true)).once('error', () => resolve(false));
    connection.once('connect', () => connection.destroy());
  });
}
