/** The system's Chromium without a window, driven by Playwright's library; nothing is downloaded. */
import { type Browser, type BrowserContextOptions, type Page, chromium } from 'playwright-core';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { NEEDS_TEMPORAL } from '../client/engine.ts';

const missing =
  toolPath('chromium') !== undefined || process.env['CI']
    ? false
    : 'chromium is not installed: apt-get install chromium, or name one with SLUICE_CHROMIUM';

export const NEEDS_BROWSER = { skip: NEEDS_TEMPORAL.skip || missing } as const;

export async function openBrowser(): Promise<Browser> {
  const executablePath = toolPath('chromium');
  if (executablePath === undefined) throw new Error('chromium is not installed: npm run setup');
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

export interface Window {
  readonly page: Page;
  /** Whatever the browser complained about or asked elsewhere for. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export async function openWindow(browser: Browser, home: string, options: BrowserContextOptions = {}): Promise<Window> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(home)) complaints.push(`asked ${request.url()}`);
  });
  return { page, complaints, close: () => context.close() };
}
