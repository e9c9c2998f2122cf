/** `healthy.ts emulator | nodes | metrics <port>`: exit code 0 when that part of the compose stack is ready. */
import { existsSync, readFileSync } from 'node:fs';
import { Agent, fetch } from 'undici';
import { READY_FILE } from './join-world.ts';

const [part, port] = process.argv.slice(2);

async function isHealthy(): Promise<boolean> {
  if (part === 'nodes') return existsSync(`/world/${READY_FILE}`);
  if (part === 'metrics') return (await fetch(`http://127.0.0.1:${port}/metrics`)).ok;
  const dispatcher = new Agent({ connect: { ca: readFileSync('/emulator/ca.pem', 'utf8') } });
  return (await fetch('https://127.0.0.1:16500/_emulator/health', { dispatcher })).ok;
}

process.exitCode = (await isHealthy().catch(() => false)) ? 0 : 1;
