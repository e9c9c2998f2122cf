/** An environment that somebody stops on its page, in each state, and a release that may be let pass. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Stack } from '../stack/start-stack.ts';
import { until } from '../tools/until.ts';
import { answerAs, onServer, pathOf, throughIssuer, waiting } from './answer-pages.ts';

const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 360, height: 900 };
const TRAVEL_MS = 180_000;

/** Of a stack whose people sign in at its emulator. Resolves to the files. */
export function photographRestraints(stack: Stack, folder: string): Promise<readonly string[]> {
  return onServer(stack, async (browser, url) => {
    const files: string[] = [];
    const take = async (page: Page, name: string, fullPage = false): Promise<void> => {
      const path = join(folder, `${name}.png`);
      await page.screenshot({ path, fullPage });
      files.push(path);
    };
    const version = await waiting(stack);
    await stop(browser, `${url}environments/production`, take);
    // as many as production asks
    for (const who of ['ada', 'grace']) {
      if (!(await says(stack, version, `sluice approve iam ${version}`))) break;
      await answerAs(browser, `${url}${pathOf(version)}`, who, 'seen in staging');
    }
    const what = `iam ${version} waits for its turn`;
    await until(() => says(stack, version, 'waiting-for-turn'), { what, timeoutMs: TRAVEL_MS });
    const page = await browser.newPage({ ignoreHTTPSErrors: true, viewport: WIDE });
    await page.goto(`${url}${pathOf(version)}`);
    await page.getByRole('group', { name: 'Which closed gates may it pass?' }).scrollIntoViewIfNeeded();
    await take(page, 'web-override', true);
    await page.goto(`${url}environments/production`);
    await take(page, 'web-stopped');
    const narrow = await browser.newPage({ ignoreHTTPSErrors: true, viewport: NARROW, colorScheme: 'dark' });
    await narrow.goto(url);
    await take(narrow, 'web-stop-narrow');
    return files;
  });
}

async function stop(
  browser: Browser,
  url: string,
  take: (page: Page, name: string, fullPage?: boolean) => Promise<void>,
): Promise<void> {
  const page = await browser.newPage({ ignoreHTTPSErrors: true, viewport: WIDE });
  await page.goto(url);
  await throughIssuer(page, url, 'grace');
  await page.getByRole('radio', { name: /^Stop:/ }).check();
  await page.getByRole('combobox', { name: 'For', exact: true }).selectOption('2 hours');
  await page.getByRole('textbox', { name: /^Incident/ }).fill('INC-4711');
  await page.getByLabel('Reason').fill('errors everywhere since the last change of the database');
  await take(page, 'web-stop', true);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('dialog').waitFor();
  await take(page, 'web-stop-last-look');
  await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
  await page.locator('#result > .box').waitFor();
  await take(page, 'web-stop-done');
  await page.close();
}

async function says(stack: Stack, version: string, text: string): Promise<boolean> {
  const { stdout } = await stack.sluice(['status', 'iam', version], { user: 'build-pipeline' });
  return stdout.includes(text);
}
