/** The page on which people answer, in each of its states: nobody yet, signed in, the last look, refused, approved; and narrow and dark. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type Page, chromium } from 'playwright-core';
import { EXAMPLE_MANIFESTS } from '../../examples/images.ts';
import { promotionId } from '../../src/contract/workflow-ids.ts';
import type { Stack } from '../stack/start-stack.ts';
import { freePorts } from '../tools/free-port.ts';
import { checkout } from '../tools/place.mjs';
import { startProgram } from '../tools/program.ts';
import { toolPath } from '../tools/tool-path.ts';
import { until } from '../tools/until.ts';

const WIDE = { width: 1280, height: 900 };
const LOW = { width: 1280, height: 560 };
const NARROW = { width: 360, height: 900 };
const TRAVEL_MS = 180_000;
const READY_MS = 30_000;

/** Of a stack whose people sign in at its emulator. Resolves to the files. */
export function photographAnswers(stack: Stack, folder: string): Promise<readonly string[]> {
  return onServer(stack, async (browser, url) => {
    const first = await waiting(stack);
    for (const who of ['ada', 'grace']) await answerAs(browser, `${url}${pathOf(first)}`, who, 'seen in staging');
    await stack.sluice(['start', 'iam', first, '--wait'], { user: 'build-pipeline' });
    changeManifests(stack);
    const second = await waiting(stack, first);
    return photograph(browser, `${url}${pathOf(second)}`, folder);
  });
}

/** "sluice serve" as a person starts it, and a browser, for as long as `work` needs them. */
export function onServer(
  stack: Stack,
  work: (browser: Browser, url: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  return withServer(stack, [], async (url) => {
    const browser = await chromium.launch({ executablePath: toolPath('chromium') ?? '', args: ['--no-sandbox'] });
    try {
      return await work(browser, url);
    } finally {
      await browser.close();
    }
  });
}

/** "sluice serve" with further options, for as long as `work` needs it. */
export async function withServer(
  stack: Stack,
  options: readonly string[],
  work: (url: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}/`;
  const server = await startProgram({
    name: 'sluice serve',
    file: join(checkout, 'bin', 'sluice'),
    args: ['serve', '--port', String(port), ...options],
    env: stack.env('person', 'web'),
    logFile: join(stack.dir, 'logs', 'serve.log'),
  });
  try {
    await until(async () => (await fetch(`${url}healthz`)).ok, { what: url, timeoutMs: READY_MS });
    return await work(url);
  } finally {
    await server.stop();
  }
}

async function photograph(browser: Browser, url: string, folder: string): Promise<readonly string[]> {
  const files: string[] = [];
  const take = async (page: Page, name: string): Promise<void> => {
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path });
    files.push(path);
  };
  const anybody = await browser.newPage({ ignoreHTTPSErrors: true, viewport: WIDE });
  await anybody.goto(url);
  await anybody.getByText('Nobody yet').waitFor();
  await take(anybody, 'answer-page');
  await anybody.setViewportSize(LOW);
  await anybody.getByText(/^In the cluster/).evaluate((place) => place.scrollIntoView());
  await take(anybody, 'answer-changes');
  await anybody.getByText(/^If it fails, this is undone/).evaluate((place) => place.scrollIntoView());
  await take(anybody, 'answer-undo');
  await anybody.setViewportSize(WIDE);
  await signIn(anybody, url, 'linus');
  await say(anybody, 'looks fine');
  await sent(anybody);
  await take(anybody, 'answer-refused');

  await answerAs(browser, url, 'grace', 'the error rate is flat');
  const ada = await browser.newPage({ ignoreHTTPSErrors: true, viewport: WIDE });
  await ada.goto(url);
  await signIn(ada, url, 'ada');
  await take(ada, 'answer-signed-in');
  await say(ada, 'looked at the dashboards of staging');
  await take(ada, 'answer-last-look');

  const narrow = await browser.newPage({ ignoreHTTPSErrors: true, viewport: NARROW, colorScheme: 'dark' });
  await narrow.goto(url);
  await narrow.getByRole('heading', { name: /^Your answer/ }).scrollIntoViewIfNeeded();
  await narrow.getByRole('button', { name: 'Go on' }).scrollIntoViewIfNeeded();
  await take(narrow, 'answer-narrow');

  await sent(ada);
  await take(ada, 'answer-approved');
  return files;
}

/** What the next release brings: another level of logging, one variable more and one less. The examples stay as they are. */
function changeManifests({ dir, configFile }: Stack): void {
  const folder = join(dir, 'manifests');
  cpSync(EXAMPLE_MANIFESTS, folder, { recursive: true });
  const file = join(folder, 'production', 'configmap.yaml');
  const text = readFileSync(file, 'utf8').replace(/LOG_LEVEL: .*/, 'LOG_LEVEL: debug');
  writeFileSync(file, text.replace(/TOKEN_LIFETIME: .*/, 'SESSION_LIFETIME: 8h'));
  const config = readFileSync(configFile, 'utf8');
  writeFileSync(configFile, config.replaceAll(fileURLToPath(EXAMPLE_MANIFESTS), folder));
}

/** A release that asks for production; `again`: the image of that version under another one. Resolves to its version. */
export async function waiting(stack: Stack, again?: string): Promise<string> {
  const { version: pushed, image } = await stack.push('v1');
  const version = again === undefined ? pushed : `${pushed}-2`;
  const reference = `iam@${image.digest}`;
  const started = await stack.sluice(['start', 'iam', version, '--image', reference], { user: 'build-pipeline' });
  if (started.code !== 0) throw new Error(started.stderr);
  const asks = async (): Promise<boolean> => {
    const { stdout } = await stack.sluice(['status', 'iam', version], { user: 'build-pipeline' });
    return stdout.includes(`sluice approve iam ${version}`);
  };
  await until(asks, { what: `${promotionId('iam', version, 'production')} asks`, timeoutMs: TRAVEL_MS });
  return version;
}

export async function answerAs(browser: Browser, url: string, who: string, reason: string): Promise<void> {
  const page = await browser.newPage({ ignoreHTTPSErrors: true });
  await page.goto(url);
  await signIn(page, url, who);
  await say(page, reason);
  await sent(page);
  await page.close();
}

async function signIn(page: Page, url: string, who: string): Promise<void> {
  await throughIssuer(page, url, who);
  await page.getByText(`${who}@example.test, signed in until`).waitFor();
}

/** Away to the issuer, and back to the page. */
export async function throughIssuer(page: Page, url: string, who: string): Promise<void> {
  await page.getByRole('button', { name: /^Sign in/ }).click();
  await page.getByRole('combobox').selectOption(`${who}@example.test`);
  await page.getByRole('button', { name: /^Sign in/ }).click();
  await page.waitForURL(url);
}

async function say(page: Page, reason: string): Promise<void> {
  await page.getByRole('radio', { name: 'Yes' }).check();
  await page.getByLabel('Reason').fill(reason);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('dialog').waitFor();
}

async function sent(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign and send' }).click();
  await page.locator('#result > .box').waitFor();
}

export function pathOf(version: string): string {
  return `releases/iam/${version}/production/answer`;
}
