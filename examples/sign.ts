/** The real `cosign` against a registry of a few seconds: throwaway keys, both forms of signatures, nothing sent anywhere. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from '../local/tools/free-port.ts';
import { toolPath } from '../local/tools/tool-path.ts';

const run = promisify(execFile);

export interface Key {
  /** Folder of the key pair, gone when signing has ended. */
  readonly folder: string;
  readonly publicPem: string;
}

export interface Signer {
  /** `127.0.0.1:port`, plain HTTP. */
  readonly registry: string;
  makeKey(): Promise<Key>;
  /** Signs `repository@digest`, which the registry must hold, in both forms. */
  sign(key: Key, image: string): Promise<void>;
}

/** Runs `work` with a registry and Cosign at hand, and leaves no process and no private key behind. */
export async function withSigner<T>(work: (signer: Signer) => Promise<T>): Promise<T> {
  const cosign = required('cosign');
  const crane = required('crane');
  const folder = await mkdtemp(join(tmpdir(), 'sluice-examples-'));
  const [port] = await freePorts(1);
  const registry = `127.0.0.1:${port}`;
  const server = spawn(crane, ['registry', 'serve', '--address', registry], { stdio: 'ignore' });
  const ended = once(server, 'exit');
  try {
    await answering(`http://${registry}/v2/`);
    return await work(signerIn(folder, registry, cosign));
  } finally {
    server.kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

function signerIn(folder: string, registry: string, cosign: string): Signer {
  const env = { PATH: process.env['PATH'], HOME: folder, COSIGN_PASSWORD: '' };
  const call = (args: readonly string[], cwd: string) => run(cosign, [...args], { cwd, env, timeout: 60_000 });
  return {
    registry,
    async makeKey() {
      const own = await mkdtemp(join(folder, 'key-'));
      await call(['generate-key-pair'], own);
      // Without Fulcio, Rekor and timestamp authority in it, nothing leaves this machine.
      await call(['signing-config', 'create', '--out', 'signing-config.json'], own);
      return { folder: own, publicPem: await readFile(join(own, 'cosign.pub'), 'utf8') };
    },
    async sign(key, image) {
      const reference = `${registry}/${image}`;
      const common = ['sign', '--key', 'cosign.key', '--yes'];
      await call([...common, '--signing-config', 'signing-config.json', reference], key.folder);
      const legacy = ['--use-signing-config=false', '--new-bundle-format=false', '--tlog-upload=false'];
      await call([...common, ...legacy, reference], key.folder);
    },
  };
}

function required(tool: 'cosign' | 'crane'): string {
  const path = toolPath(tool);
  if (path === undefined) throw new Error(`${tool} is not installed: npm run setup`);
  return path;
}

async function answering(url: string): Promise<void> {
  const deadline = AbortSignal.timeout(10_000);
  while (!deadline.aborted) {
    const ok = await fetch(url, { signal: deadline }).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
  }
  throw new Error(`no registry answered at ${url} within 10 s`);
}
