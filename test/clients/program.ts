/** Running programs that nobody here wrote against an emulator, in a home folder of their own. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolPath, type Tool } from '../../local/tools/tool-path.ts';
import type { Probe } from '../integration/acr-emulator/probe.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** For `test(…, { skip })`: false when the tool is there or must be there. */
export function skipWithout(tool: Tool): string | false {
  if (toolPath(tool) !== undefined || process.env['CI']) return false;
  return `${tool} is not installed: npm run setup${tool === 'az' ? ' -- az, or npm run test:clients' : ''}`;
}

const LIMIT_MS = 300_000;

/** A tool with its own home, Docker configuration and trusted authority. */
export class ClientProgram {
  readonly home: string;
  readonly #file: string;
  readonly #probe: Probe;
  readonly #env: Readonly<Record<string, string>>;

  constructor(tool: Tool, probe: Probe, env: Readonly<Record<string, string>> = {}) {
    const file = toolPath(tool);
    if (file === undefined) throw new Error(`${tool} is not installed: npm run setup`);
    this.#file = file;
    this.#probe = probe;
    this.home = mkdtempSync(join(tmpdir(), `client-${tool}-`));
    this.#env = {
      PATH: process.env['PATH'] ?? '',
      HOME: this.home,
      DOCKER_CONFIG: join(this.home, 'docker'),
      REGISTRY_AUTH_FILE: join(this.home, 'docker', 'config.json'),
      SSL_CERT_FILE: probe.emulator.caFile,
      ...env,
    };
  }

  /** Lets the program act as an identity of the world, by its secret, at a registry. Replaces earlier log-ins. */
  loginAs(identity: string, ...registries: readonly string[]): void {
    const { clientId, secret } = this.#probe.credentials(identity);
    const auth = Buffer.from(`${clientId}:${secret}`).toString('base64');
    const auths = Object.fromEntries(registries.map((registry) => [this.#probe.loginServer(registry), { auth }]));
    mkdirSync(join(this.home, 'docker'), { recursive: true });
    writeFileSync(join(this.home, 'docker', 'config.json'), JSON.stringify({ auths }));
  }

  /** Runs it; a failure is an outcome, not an error. */
  run(...args: readonly string[]): Promise<Outcome> {
    const options = { env: this.#env, cwd: this.home, timeout: LIMIT_MS, maxBuffer: 16 * 1024 * 1024 };
    return new Promise((resolve) => {
      execFile(this.#file, [...args], options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      });
    });
  }

  /** Runs it and returns its output without the line end. Throws with its own words when it fails. */
  async output(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`${this.#file} ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return stdout.trimEnd();
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
