/**
 * Every state in which a page can be that the other parts do not show: an empty board, journeys that wait, are stuck or have ended, an
 * environment with a queue, a hold and its end, a key of one's own, a server that only shows, what a guardian has found, and nobody who answers.
 */
import { join } from 'node:path';
import { type Browser, type Page, chromium } from 'playwright-core';
import { type ReleaseClient, connect } from '../../src/client/index.ts';
import type { PromotionPhase } from '../../src/contract/status.ts';
import { belongingsOf } from '../stack/people.ts';
import type { Stack } from '../stack/start-stack.ts';
import { toolPath } from '../tools/tool-path.ts';
import { until } from '../tools/until.ts';
import { withServer } from './answer-pages.ts';

const SIZE = { width: 1100, height: 600 };
const TRAVEL_MS = 120_000;
/** Two rounds and a second look. */
const GUARDED_MS = 300_000;
const STAGING = 'onestreamstaging';
const DENIED = { code: 'DENIED', message: 'requested access to the resource is denied' };

/** Of a stack that knows the services of `several-services.ts` and people by keys of their own. Resolves to the files. */
export async function photographStates(stack: Stack, folder: string): Promise<readonly string[]> {
  const { address, namespace } = stack.temporal;
  const client = await connect({ address, namespace, user: 'pictures' });
  const browser = await chromium.launch({ executablePath: toolPath('chromium') ?? '', args: ['--no-sandbox'] });
  try {
    return await withServer(stack, [], async (url) => {
      const studio = openStudio(stack, client, browser, url, folder);
      await studio.take('web-empty', '/');
      await undoing(studio);
      await endings(studio);
      await waits(studio);
      await keyOfOnesOwn(studio);
      await holdAndLift(studio);
      await onlyShows(studio);
      await studio.take('web-board-busy', '/');
      await drifted(studio);
      await Promise.all(Object.values(stack.workers).map((one) => one.stop()));
      await studio.take('web-no-worker', '/releases/billing/2026.11.9');
      return studio.files;
    });
  } finally {
    await browser.close();
    await client.close();
  }
}

interface Where {
  /** Selector of what has to be in view. */
  readonly at?: string;
  readonly server?: string;
}

interface Studio {
  readonly stack: Stack;
  readonly files: string[];
  look(path: string, where?: Where): Promise<Page>;
  /** Looks at an address and takes its picture. */
  take(name: string, path: string, where?: Where): Promise<void>;
  shoot(page: Page, name: string): Promise<void>;
  /** `sluice` as that person. */
  say(user: string, ...args: readonly string[]): Promise<void>;
  /** A release of the example image `v1`, under any version that no other example has as its tag. */
  start(service: string, version: string, ...args: readonly string[]): Promise<void>;
  /** Until a guardian has found something about the service there, and believes it. */
  drifts(service: string, environment: string): Promise<void>;
  /** Until one promotion of it is in that phase or waits, or the release has ended. */
  comesTo(service: string, version: string, what: PromotionPhase | 'waiting' | 'ended'): Promise<void>;
}

function openStudio(stack: Stack, client: ReleaseClient, browser: Browser, url: string, folder: string): Studio {
  const files: string[] = [];
  const say = async (user: string, ...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await stack.sluice(args, {
      host: user === 'build-pipeline' ? 'pipeline' : 'person',
      user,
    });
    if (code !== 0) throw new Error(`sluice ${args.join(' ')} ended with ${code}: ${stderr}`);
  };
  const shoot = async (page: Page, name: string): Promise<void> => {
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path });
    files.push(path);
  };
  const look = async (path: string, { at, server = url }: Where = {}): Promise<Page> => {
    const page = await browser.newPage({ viewport: SIZE });
    await page.goto(new URL(path, server).href);
    // a journey that goes on says so as soon as it follows
    if ((await page.locator('[data-events]').count()) > 0) await page.getByText('This page follows').waitFor();
    if (at !== undefined) await page.locator(at).evaluate((place) => place.scrollIntoView());
    return page;
  };
  return {
    stack,
    files,
    shoot,
    say,
    look,
    async take(name, path, where) {
      const page = await look(path, where);
      await shoot(page, name);
      await page.close();
    },
    async start(service, version, ...args) {
      const { image } = await stack.push('v1');
      await say('build-pipeline', 'start', service, version, '--image', `iam@${image.digest}`, ...args);
    },
    async drifts(service, environment) {
      const found = async () => (await client.guardians({ service, environment, drifted: true })).length > 0;
      await until(found, { what: `${service} drifts in ${environment}`, timeoutMs: GUARDED_MS });
    },
    async comesTo(service, version, what) {
      const isThere = async (): Promise<boolean> => {
        const { release, promotions } = await client.status({ service, version });
        if (what === 'ended') return release.outcome !== undefined;
        return promotions.some(({ phase, waiting }) => (what === 'waiting' ? waiting !== undefined : phase === what));
      };
      await until(isThere, { what: `${service} ${version}: ${what}`, timeoutMs: TRAVEL_MS });
    },
  };
}

/** The second version is ill in staging, and the copy cannot be removed: first for a moment, then for good. */
async function undoing({ stack, take, say, comesTo }: Studio): Promise<void> {
  const { version } = await stack.push('v2');
  const noDelete = { method: 'DELETE', registry: STAGING };
  stack.emulator.faults.set({ fault: 'status', status: 503, match: noDelete });
  await say('build-pipeline', 'start', 'mail', version);
  await comesTo('mail', version, 'undoing');
  await take('web-undoing', `/releases/mail/${version}`, { at: '#leg-staging' });
  stack.emulator.faults.clear();
  stack.emulator.faults.set({ fault: 'status', status: 403, ...DENIED, match: noDelete });
  await comesTo('mail', version, 'undo-stuck');
  await take('web-undo-stuck', `/releases/mail/${version}`, { at: '#leg-staging' });
  stack.emulator.faults.clear();
}

async function endings({ stack, take, say, start, comesTo }: Studio): Promise<void> {
  const { version: unsigned } = await stack.push('unsigned');
  await say('build-pipeline', 'start', 'search', unsigned);
  await comesTo('search', unsigned, 'ended');
  await take('web-refused', `/releases/search/${unsigned}`);

  await start('search', '2026.11.3', '--until', 'staging');
  await comesTo('search', '2026.11.3', 'ended');
  await take('web-released', `/releases/search/2026.11.3`);

  // a hold keeps both where they are: only the newer one is wanted there
  await say('linus', 'hold', 'set', 'search', '--environment', 'dev', '--reason', 'a moment');
  await start('search', '2026.11.7', '--until', 'staging');
  await comesTo('search', '2026.11.7', 'waiting');
  await start('search', '2026.11.8', '--until', 'staging');
  await comesTo('search', '2026.11.7', 'ended');
  await take('web-superseded', '/releases/search/2026.11.7');

  await comesTo('search', '2026.11.8', 'waiting');
  await say('grace', 'pause', 'search', '2026.11.8', '--for', '2h', '--reason', 'the database is being moved');
  await say('linus', 'hold', 'lift', 'search', '--environment', 'dev', '--reason', 'go on');
  await comesTo('search', '2026.11.8', 'paused');
  await take('web-paused', '/releases/search/2026.11.8');
  await say('grace', 'abort', 'search', '2026.11.8', '--reason', 'the wrong image');
  await comesTo('search', '2026.11.8', 'ended');
  await take('web-aborted', '/releases/search/2026.11.8');
}

async function waits({ stack, take, say, start, comesTo }: Studio): Promise<void> {
  await start('iam', '2026.11.3');
  await comesTo('iam', '2026.11.3', 'waiting-for-gate');
  await take('web-gate', '/releases/iam/2026.11.3', { at: '#leg-production' });

  stack.emulator.faults.set({ fault: 'import-fails', status: 403, ...DENIED, match: { registry: STAGING } });
  await start('billing', '2026.11.9');
  await comesTo('billing', '2026.11.9', 'needs-attention');
  await take('web-attention', '/releases/billing/2026.11.9', { at: '#leg-staging' });
  await start('billing', '2026.11.10');
  await comesTo('billing', '2026.11.10', 'waiting-for-turn');
  await start('billing', '2026.11.11', '--hot-fix');
  await comesTo('billing', '2026.11.11', 'waiting-for-turn');
  await take('web-turn', '/releases/billing/2026.11.10', { at: '#leg-staging' });
  await take('web-queue', '/environments/staging', { at: 'caption:has-text("Whose turn")' });

  const why = ['--reason', 'errors everywhere', '--incident', 'INC-4711', '--for', '2h'];
  await say('margaret', 'stop', '--environment', 'staging', ...why);
  stack.emulator.faults.clear();
  await say('grace', 'retry', 'billing', '2026.11.9', '--reason', 'the role is assigned');
  await comesTo('billing', '2026.11.9', 'stopped');
  await take('web-stopped-journey', '/releases/billing/2026.11.9', { at: '#leg-staging' });
}

/** On the person's own machine: the file is read by the page, and sent nowhere. */
async function keyOfOnesOwn({ stack, look, shoot, comesTo }: Studio): Promise<void> {
  const page = await look('/releases/iam/2026.11.3/production/answer');
  await page.getByLabel('Your name').fill('grace');
  await page.getByLabel('Your private key').setInputFiles(belongingsOf(stack.peopleFolder, 'grace').keyFile);
  await page.getByText(/^grace, with the key/).waitFor();
  await page.getByRole('checkbox', { name: /^soak/ }).check();
  await page.getByLabel('Reason').fill('mends INC-4711');
  await page.getByRole('button', { name: 'Go on' }).scrollIntoViewIfNeeded();
  await shoot(page, 'web-key-file');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('button', { name: 'Sign and send' }).click();
  await page.locator('#result > .box').waitFor();
  await comesTo('iam', '2026.11.3', 'waiting-for-approval');
}

async function holdAndLift({ say, look, shoot }: Studio): Promise<void> {
  await say('linus', 'hold', 'set', 'iam', '--environment', 'production', '--reason', 'rolled back: INC-4711');
  const page = await look('/environments/production');
  await shoot(page, 'web-hold');
  await page.getByRole('radio', { name: /^Lift the hold/ }).check();
  await page.getByLabel('Your name').fill('linus');
  await page.getByLabel('Reason').fill('mended since');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /^Lift/ }).click();
  await page.locator('#result > .box').waitFor();
  await page.locator('#result').scrollIntoViewIfNeeded();
  await shoot(page, 'web-lifted');
}

async function onlyShows({ stack, take }: Studio): Promise<void> {
  await withServer(stack, ['--read-only'], async (server) => {
    await take('web-read-only', '/releases/iam/2026.11.3/production/answer', { server, at: '#commands' });
    return [];
  });
}

/** Somebody has deleted in staging's registry what runs there. */
async function drifted({ stack, look, shoot, drifts }: Studio): Promise<void> {
  const gone = { registry: STAGING, path: '/manifests/' };
  stack.emulator.faults.set({ fault: 'status', status: 404, code: 'MANIFEST_UNKNOWN', message: 'gone', match: gone });
  await drifts('search', 'staging');
  stack.emulator.faults.clear();
  const page = await look('/');
  const drift = page.getByRole('row', { name: /^search/ }).locator('.drift');
  await drift.getByText('What is not as it was left').click();
  await drift.locator('xpath=ancestor::tr').evaluate((row) => row.scrollIntoView());
  await shoot(page, 'web-drift');
  await page.close();
}
