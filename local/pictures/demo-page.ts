/** The demo, played once in a terminal of its own, as one picture. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { checkout } from '../tools/place.mjs';
import type { Camera } from './chromium.ts';
import { COLUMNS, terminalPage } from './terminal-page.ts';

const LIMIT_MS = 300_000;
const MOST_OUTPUT = 4 * 1024 * 1024;

/** Python's pty module gives the child a terminal, so that it prints what people see. */
const IN_A_TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

export async function photographDemo(camera: Camera, state: string, folder: string): Promise<string> {
  const demo = join(checkout, 'local', 'demo', 'main.ts');
  const args = [demo, '--exit', '--ports', 'free', '--dir', join(state, 'demo')];
  const { stdout } = await promisify(execFile)('python3', ['-c', IN_A_TERMINAL, process.execPath, ...args], {
    timeout: LIMIT_MS,
    maxBuffer: MOST_OUTPUT,
    env: { ...process.env, COLUMNS: String(COLUMNS), TERM: 'xterm-256color' },
  });
  const { html, width, height } = terminalPage('npm run demo', `$ npm run demo\n${stdout}`);
  const page = join(state, 'demo.html');
  await writeFile(page, html);
  const file = join(folder, 'demo.png');
  await camera.photograph({
    url: pathToFileURL(page).href,
    file,
    width,
    height,
    complete: "document.readyState === 'complete'",
  });
  return file;
}
