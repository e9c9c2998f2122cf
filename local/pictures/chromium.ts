/** Photographs pages with Debian's Chromium, without a window and without a word to the network beyond the page. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram } from '../tools/program.ts';
import { toolPath } from '../tools/tool-path.ts';
import { until } from '../tools/until.ts';
import { type DevTools, openDevTools } from './devtools.ts';

export interface Photograph {
  readonly url: string;
  /** PNG, written or replaced. */
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** JavaScript that is true in the page when it is complete: pages that poll for ever never come to rest. */
  readonly complete: string;
  /** As who prefers the dark sees it. */
  readonly dark?: boolean;
}

export interface Camera {
  photograph(wanted: Photograph): Promise<void>;
  close(): Promise<void>;
}

const READY_MS = 30_000;
const SHOWN_MS = 60_000;
/** Between what it shows and what it looks like: fonts and transitions. */
const STILL_MS = 1_000;

export async function openCamera(): Promise<Camera> {
  const file = toolPath('chromium');
  if (file === undefined) throw new Error('chromium is not installed: apt-get install chromium');
  const folder = mkdtempSync(join(tmpdir(), 'sluice-chromium-'));
  const profile = join(folder, 'profile');
  const program = await startProgram({
    name: 'chromium',
    file,
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--hide-scrollbars',
      '--remote-debugging-address=127.0.0.1',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    logFile: join(folder, 'chromium.log'),
  });
  const close = async (): Promise<void> => {
    await program.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const devtools = await openDevTools(
      await until(() => endpointIn(profile), { what: 'Chromium', timeoutMs: READY_MS, hopeless: program.ended }),
    );
    return {
      photograph: (wanted) => take(devtools, wanted),
      close: () => (devtools.close(), close()),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Chromium writes port and path of its DevTools there once it listens. */
function endpointIn(profile: string): string {
  const [port, path] = readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').trim().split('\n');
  if (port === undefined || path === undefined) throw new Error('half written');
  return `ws://127.0.0.1:${port}${path}`;
}

async function take(
  devtools: DevTools,
  { url, file, width, height, complete, dark = false }: Photograph,
): Promise<void> {
  const { targetId } = await devtools.send('Target.createTarget', { url });
  const attached = await devtools.send('Target.attachToTarget', { targetId, flatten: true });
  const sessionId = String(attached['sessionId']);
  const inPage = async (expression: string): Promise<unknown> => {
    const answer = await devtools.send('Runtime.evaluate', { expression, returnByValue: true }, sessionId);
    return (answer['result'] as { value?: unknown } | undefined)?.value;
  };
  const metrics = { width, height, deviceScaleFactor: 1, mobile: false };
  await devtools.send('Emulation.setDeviceMetricsOverride', metrics, sessionId);
  const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }];
  await devtools.send('Emulation.setEmulatedMedia', { features }, sessionId);
  await until(async () => (await inPage(complete)) === true, { what: `${url}: ${complete}`, timeoutMs: SHOWN_MS });
  await new Promise((resolve) => setTimeout(resolve, STILL_MS));
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'png' }, sessionId);
  writeFileSync(file, Buffer.from(String(data), 'base64'));
  await devtools.send('Target.closeTarget', { targetId });
}
