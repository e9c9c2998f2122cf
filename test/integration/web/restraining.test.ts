import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { takingBy } from '../../../src/cli/serving/answering.ts';
import type { PromotionStatus } from '../../../src/contract/status.ts';
import { type WebServer, serveWeb } from '../../../src/web/server.ts';
import { type Script, scriptedActivities } from '../../support/scripted-activities.ts';
import { NEEDS_BROWSER, type Window, openBrowser, openWindow } from './browser.ts';
import { type People, startPeople } from './people.ts';
import { type WebSite, startSite } from './site.ts';

/** A gate in the test's own hands. */
function latch(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

describe('when people stop, hold and override with a browser', NEEDS_BROWSER, () => {
  let people: People;
  let site: WebSite;
  let shared: WebServer;
  let browser: Browser;
  let serial = 0;
  let version = '';

  before(async () => {
    [people, browser] = await Promise.all([startPeople(), openBrowser()]);
    site = await startSite({ restraining: { kind: 'named' } });
    shared = await serveWeb({
      address: '127.0.0.1',
      port: 0,
      namespace: site.engine.namespace,
      open: () => site.engine.client('web'),
      onDefect: assert.ifError,
      ...(await takingBy(people.configFile)),
    });
  });
  after(async () => {
    await shared?.close();
    await browser?.close();
    await site?.stop();
    await people?.stop();
  });
  beforeEach(() => {
    serial += 1;
    version = `2.${serial}.0`;
  });

  const key = (): { service: string; version: string } => ({ service: 'iam', version });
  function act(script: Script, gates: readonly string[] = []): void {
    site.engine.act(scriptedActivities(script, { path: ['production'], turns: 'queue', gates }).activities);
  }
  async function open(path: string, home = site.web.url, options = {}): Promise<Window> {
    const window = await openWindow(browser, home, { ignoreHTTPSErrors: true, ...options });
    await window.page.goto(new URL(path, home).href);
    return window;
  }
  /** Resolves when a look at the promotion shows it so. */
  async function untilPromotion(is: (one: PromotionStatus) => boolean): Promise<void> {
    const over = new AbortController();
    const onView = ({ promotions }: { readonly promotions: readonly PromotionStatus[] }): void => {
      if (promotions.some(is)) over.abort();
    };
    for await (const _ of site.pipeline.watch(key(), { signal: over.signal, onView })) continue;
    assert.ok(over.signal.aborted, 'the release ended before');
  }
  async function choose(page: Page, what: RegExp, reason: string, button: string): Promise<void> {
    await page.getByRole('radio', { name: what }).check();
    await page.getByLabel('Reason').fill(reason);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('dialog').getByRole('button', { name: button }).click();
  }
  const told = (page: Page): Promise<string> => page.locator('#result > .box').innerText();
  async function signIn(page: Page, who: string): Promise<void> {
    const url = page.url();
    await page.getByRole('button', { name: /^Sign in/ }).click();
    await page.getByRole('heading', { name: 'Sign in to Sluice' }).waitFor();
    await page.getByRole('combobox').selectOption(`${who}@example.test`);
    await page.getByRole('button', { name: /^Sign in/ }).click();
    await page.waitForURL(url);
  }

  test('a stop from the page pauses a running release, every page says who and why, and a thaw lets it go on', async () => {
    const pull = latch();
    act({
      checkPullable: async () => {
        await pull.opened;
        return { ok: true, summary: 'pullable', facts: {} };
      },
    });
    await site.start('iam', version);
    await untilPromotion((one) => one.step === 'pullable');
    const { page, complaints, close } = await open('/environments/production');
    assert.match(await page.getByRole('main').innerText(), new RegExp(`changes it now[\\s\\S]*${version}`));
    await page.getByLabel('Your name').fill('grace');
    await page.getByRole('textbox', { name: /^Incident/ }).fill('INC-4711');
    await page.getByRole('combobox', { name: 'For', exact: true }).selectOption('2 hours');
    await choose(page, /^Stop:/, 'errors everywhere', 'Stop');
    assert.match(await told(page), /It is stopped[\s\S]*grace set a stop on every service in production[\s\S]*told 1/);
    assert.equal(await page.evaluate('document.activeElement.id'), 'result');
    pull.open();
    await untilPromotion((one) => one.phase === 'stopped');

    const said = /stop: grace stopped every service: errors everywhere \(incident INC-4711\), until .* UTC/;
    for (const path of ['/', '/environments/production', `/releases/iam/${version}`]) {
      await page.goto(site.address(path));
      assert.match(await page.getByRole('main').innerText(), said, path);
    }
    const { restraints } = await site.pipeline.status(key());
    assert.deepEqual(
      restraints?.map(({ by, environment }) => [by, environment]),
      [['grace', 'production']],
    );

    await page.goto(site.address('/environments/production'));
    await page.getByLabel('Your name').fill('linus');
    await page.getByRole('radio', { name: /^Thaw the stop/ }).check();
    assert.equal(
      await page.getByRole('textbox', { name: /^Incident/ }).isVisible(),
      false,
      'an end has no scope of its own',
    );
    await choose(page, /^Thaw the stop/, 'it was the load balancer', 'Thaw');
    assert.match(await told(page), /It goes on[\s\S]*linus lifted the stop/);
    assert.equal((await site.pipeline.wait(key())).outcome.kind, 'released');
    await page.getByRole('link', { name: 'See how it goes on' }).click();
    await page.getByText('Nothing is stopped or held here').waitFor();
    assert.deepEqual(complaints, []);
    await close();
  });

  test('what is missing is said before anything is sent; a hold is for one service, for a time of its own', async () => {
    act({});
    const { page, close } = await open('/environments/staging');
    await page.getByRole('radio', { name: /^Hold:/ }).check();
    await page.getByLabel('Reason').fill('rolled back by hand');
    await page.getByRole('button', { name: 'Go on' }).click();
    assert.match(await told(page), /Your name is missing/);
    await page.getByLabel('Your name').fill('ada');
    await page.getByRole('button', { name: 'Go on' }).click();
    assert.match(await told(page), /A hold is for one service/);
    await page.getByRole('combobox', { name: /^Service/ }).fill('iam');
    await page.getByRole('combobox', { name: 'For', exact: true }).selectOption('another time');
    await page.getByRole('button', { name: 'Go on' }).click();
    assert.match(await told(page), /How long is not clear/);
    await page.getByLabel('How long').fill('45m');
    await page.getByRole('button', { name: 'Go on' }).click();
    assert.match(
      await page.getByRole('dialog').innerText(),
      /iam in staging[\s\S]*45m[\s\S]*ada[\s\S]*rolled back by hand/,
    );
    await page.keyboard.press('Escape');
    assert.deepEqual((await site.pipeline.environment('staging')).restraints, [], 'Escape sends nothing');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: 'Hold' }).click();
    assert.match(await told(page), /It is held/);
    const [hold] = (await site.pipeline.environment('staging')).restraints;
    assert.deepEqual([hold?.kind, hold?.service, hold?.by], ['hold', 'iam', 'ada']);
    assert.equal(Date.parse(hold?.until ?? '') - Date.parse(hold?.since ?? ''), 45 * 60_000);
    await page.reload();
    await page.getByLabel('Your name').fill('ada');
    await choose(page, /^Lift the hold/, 'fixed', 'Lift');
    assert.match(await told(page), /It may enter again/);
    await close();
  });

  test('what was begun and is hidden by another choice keeps nobody from going on', async () => {
    act({});
    const { page, close } = await open('/environments/staging');
    const time = page.getByRole('combobox', { name: 'For', exact: true });
    const begin = async (): Promise<void> => {
      await page.getByLabel('Your name').fill('ada');
      await page.getByRole('radio', { name: /^Stop:/ }).check();
      await time.selectOption('another time');
      await page.getByLabel('How long').fill('2 hours');
    };
    await begin();
    assert.equal(
      await page.getByRole('textbox', { name: /^Incident/ }).getAttribute('maxlength'),
      '500',
      'as much as the engine takes',
    );
    await time.selectOption('1 hour');
    await choose(page, /^Stop:/, 'errors', 'Stop');
    assert.match(await told(page), /It is stopped/);
    await page.reload();
    await begin();
    await choose(page, /^Thaw the stop/, 'over', 'Thaw');
    assert.match(await told(page), /It goes on/);
    await close();
  });

  test('the keyboard alone is enough to hold and to lift, everything of the form is reached, and what has it can be seen', async () => {
    act({});
    const { page, complaints, close } = await open('/environments/staging');
    await page.getByRole('radio', { name: /^Hold:/ }).waitFor();
    const reached: string[] = [];
    const tabTo = async (what: RegExp): Promise<void> => {
      for (let turn = 0; turn < 40; turn += 1) {
        await page.keyboard.press('Tab');
        const [name, outline] = (await page.evaluate(FOCUSED)) as [string, string];
        assert.notEqual(outline, 'none', `${name} shows that it has the focus`);
        reached.push(name);
        if (what.test(name)) return;
      }
      assert.fail(`${String(what)} is not reached: ${reached.join(' | ')}`);
    };
    await tabTo(/^Your name/);
    await page.keyboard.type('ada');
    await tabTo(/^Stop:/);
    await page.keyboard.press('ArrowDown');
    assert.ok(await page.getByRole('radio', { name: /^Hold:/ }).isChecked());
    await tabTo(/^Service/);
    await page.keyboard.type('iam');
    await tabTo(/^For/);
    await page.keyboard.type('another');
    await tabTo(/^How long/);
    await page.keyboard.type('45m');
    await tabTo(/^Reason/);
    await page.keyboard.type('by keys alone');
    await tabTo(/^Go on/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    assert.match(await page.getByRole('dialog').innerText(), /iam in staging[\s\S]*45m[\s\S]*ada[\s\S]*by keys alone/);
    await page.keyboard.press('Escape');
    assert.equal(((await page.evaluate(FOCUSED)) as [string])[0], 'Go on', 'the focus comes back to where it was');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(/^Hold$/);
    await page.keyboard.press('Enter');
    assert.match(await told(page), /It is held/);
    assert.equal(await page.evaluate('document.activeElement.id'), 'result', 'what was decided is read next');
    await page.reload();
    await page.getByRole('radio', { name: /^Lift the hold/ }).waitFor();
    await tabTo(/^Your name/);
    await page.keyboard.type('ada');
    await tabTo(/^Stop:/);
    for (const key of ['ArrowDown', 'ArrowDown']) await page.keyboard.press(key);
    assert.ok(await page.getByRole('radio', { name: /^Lift the hold/ }).isChecked());
    await tabTo(/^Reason/);
    await page.keyboard.type('fixed');
    await tabTo(/^Go on/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await tabTo(/^Lift$/);
    await page.keyboard.press('Enter');
    assert.match(await told(page), /It may enter again/);
    assert.deepEqual((await site.pipeline.environment('staging')).restraints, []);
    assert.deepEqual(complaints, []);
    await close();
  });

  test('who turns back and goes on in the same moment is asked anew, and the yes to that counts', async () => {
    act({});
    const { page, close } = await open('/environments/staging');
    await page.getByLabel('Your name').fill('ada');
    await page.getByRole('radio', { name: /^Hold:/ }).check();
    await page.getByRole('combobox', { name: /^Service/ }).fill('iam');
    await page.getByLabel('Reason').fill('quick fingers');
    // a browser tells of a closed dialog a moment later
    await page.evaluate(`(() => {
      const go = [...document.querySelectorAll('#words button')].at(-1);
      go.click();
      document.querySelector('#sure').close('');
      go.click();
    })()`);
    await page.getByRole('dialog').getByRole('button', { name: 'Hold' }).click();
    assert.match(await told(page), /It is held/);
    await page.reload();
    await page.getByLabel('Your name').fill('ada');
    await choose(page, /^Lift the hold/, 'fixed', 'Lift');
    assert.match(await told(page), /It may enter again/);
    await close();
  });

  test('on a shared server nobody stops anything who is not signed in; whoever is does so under that name', async () => {
    act({});
    const { page, close } = await open('/environments/dev', shared.url);
    assert.equal(await page.getByRole('radio').count(), 0);
    assert.match(await page.getByRole('main').innerText(), /Nobody yet: sign in/);
    const stop = { action: 'stop', environment: 'dev', reason: 'mine', forMs: 60_000, by: 'grace@example.test' };
    const refused = await page.evaluate(`${SEND}(${JSON.stringify(stop)})`);
    assert.match(String(refused), /^409 .*login-missing/);
    await signIn(page, 'grace');
    await page.getByText('You, signed in as grace@example.test').waitFor();
    await choose(page, /^Stop:/, 'errors', 'Stop');
    assert.match(await told(page), /It is stopped[\s\S]*grace@example\.test set a stop/);
    await page.evaluate(`${SEND}(${JSON.stringify({ ...stop, by: 'ada@example.test', service: 'iam' })})`);
    const { restraints } = await site.pipeline.environment('dev');
    assert.deepEqual(new Set(restraints.map(({ by }) => by)), new Set(['grace@example.test']));
    await close();
  });

  test('a closed gate opens for whoever signs as somebody of its group, and for nobody else', async () => {
    act(
      {
        checkOverride: people.checkOverride,
        checkGates: async ({ overrides = [] }) =>
          overrides.length > 0
            ? { ok: true, answer: 'yes', verdicts: [] }
            : { ok: true, answer: 'wait', verdicts: [CLOSED] },
      },
      ['production'],
    );
    await site.start('iam', version);
    await untilPromotion((one) => one.phase === 'waiting-for-gate');
    const { page, close } = await open(`/releases/iam/${version}`, shared.url);
    await page.getByRole('link', { name: 'Let it pass closed gates of production' }).click();
    const pass = async (who: 'ada' | 'eve'): Promise<string> => {
      await page.getByLabel('Your name').fill(who);
      await page.getByLabel('Your private key').setInputFiles(people.keyFile(who));
      await page.getByText(new RegExp(`^${who}, with the key`)).waitFor();
      await page.getByRole('checkbox', { name: /^hours/ }).check();
      await page.getByLabel('Reason').fill('hot-fix for INC-4711');
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByRole('button', { name: 'Sign and send' }).click();
      return told(page);
    };
    assert.match(await pass('eve'), /does not count[\s\S]*approval-key-unknown/);
    await page.getByRole('checkbox', { name: /^hours/ }).uncheck();
    await page.getByRole('button', { name: 'Go on' }).click();
    assert.match(await told(page), /No gate is named/);
    assert.match(await pass('ada'), /It may pass[\s\S]*ada lets it pass hours/);
    const { outcome } = await site.pipeline.wait(key());
    assert.equal(outcome.kind, 'released');
    const { promotions } = await site.pipeline.status(key());
    assert.deepEqual(
      promotions
        .at(-1)
        ?.overrides?.map(({ approver, overrides, reason, proof }) => [approver, overrides, reason, proof]),
      [['ada', ['hours'], 'hot-fix for INC-4711', 'key']],
    );
    await page.goto(new URL(`/releases/iam/${version}`, shared.url).href);
    assert.match(await page.getByRole('main').innerText(), /Closed gates that it may pass[\s\S]*hot-fix for INC-4711/);
    await close();
  });

  test('without JavaScript the commands are there, and no form that would do nothing', async () => {
    const { page, close } = await open('/environments/dev', site.web.url, { javaScriptEnabled: false });
    assert.match(await page.getByRole('main').innerText(), /sluice stop --environment dev --reason/);
    assert.equal(await page.getByRole('button').count(), 0);
    assert.equal(await page.getByRole('radio').count(), 0);
    await close();
  });

  test('everything has a name for a screen reader, and a screen of 320 pixels in the dark is enough', async () => {
    const narrow = { viewport: { width: 320, height: 640 }, colorScheme: 'dark' };
    const { page, complaints, close } = await open('/environments/dev', site.web.url, narrow);
    for (const group of ['Who says so', 'What should happen?', 'What it concerns, and for how long']) {
      assert.equal(await page.getByRole('group', { name: group }).count(), 1, group);
    }
    assert.equal(await page.getByRole('region', { name: 'Stop, hold, or let go on' }).count(), 1);
    const nameless = await page.evaluate(`[...document.querySelectorAll('input, textarea, select, button')]
      .filter((one) => one.checkVisibility() && (one.labels?.length ?? 0) === 0 && one.textContent.trim() === '')
      .map((one) => one.outerHTML)`);
    assert.deepEqual(nameless, []);
    const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
    assert.ok(width <= 320, String(width));
    assert.deepEqual(complaints, []);
    await close();
  });
});

const CLOSED = {
  gate: 'hours',
  kind: 'hours',
  answer: 'wait',
  reason: 'it is night',
  for: 'release-managers',
  override: ['release-managers'],
} as const;

/** What has the focus, by its label or its text, and the outline that shows it. */
const FOCUSED = `(() => {
  const one = document.activeElement;
  const name = one.labels?.[0]?.innerText ?? one.innerText;
  return [name.trim(), getComputedStyle(one).outlineStyle];
})()`;

/** As the page's own script sends it. */
const SEND = `(async (fields) => {
  const token = document.querySelector('meta[name="sluice-token"]').content;
  const headers = { 'content-type': 'application/json', 'x-sluice-token': token };
  const answer = await fetch('/restraints', { method: 'POST', headers, body: JSON.stringify(fields) });
  return answer.status + ' ' + (await answer.text());
})`;
