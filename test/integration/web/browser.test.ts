import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { APPROVAL, scriptedActivities } from '../../support/scripted-activities.ts';
import { lookAgain } from '../../../activities/failures.ts';
import type { LookAnswer, LookRequest } from '../../../src/contract/guardian-workflow.ts';
import { type Finding, findingsKey } from '../../../src/domain/finding.ts';
import { NEEDS_BROWSER, type Window, openBrowser, openWindow } from './browser.ts';
import { type WebSite, eventually, startSite } from './site.ts';

const RELEASED = { service: 'iam', version: '1.0.0' };
const PAGES = [
  '/',
  '/releases',
  '/releases?waiting=any',
  '/releases/iam/1.0.0',
  '/releases/iam/1.1.0',
  '/releases/iam/1.1.0/production/answer',
  '/environments/production',
];

/** What each page is there for, when nothing of it is drawn by a script. */
const COMPLETE: Readonly<Record<(typeof PAGES)[number], readonly RegExp[]>> = {
  '/': [
    /iam[\s\S]*1\.0\.0[\s\S]*well .* ago[\s\S]*1\.1\.0[\s\S]*waits for approval/,
    /Why 1\.1\.0 waits/,
    /drifted for[\s\S]*What is not as it was left/,
  ],
  '/releases': [/iam 1\.0\.0[\s\S]*released/, /iam 1\.1\.0/],
  '/releases?waiting=any': [/iam 1\.1\.0[\s\S]*approval/],
  '/releases/iam/1.0.0': [/released/, /The release has ended/, /looked at it/],
  '/releases/iam/1.1.0': [
    /Reload this page/,
    /sluice approve iam 1\.1\.0/,
    /If it fails, this is undone, last step first/,
  ],
  '/releases/iam/1.1.0/production/answer': [/Asked: /, /What changes/, /sluice approve iam 1\.1\.0/],
  '/environments/production': [
    /Nothing is stopped or held here/,
    /1\.0\.0[\s\S]*well .* ago[\s\S]*pipeline[\s\S]*anna[\s\S]*1\.1\.0/,
    /sluice stop --environment production/,
    /drifted for[\s\S]*What is not as it was left/,
  ],
};

/** Text of whoever writes memos, which never becomes markup. */
const UNLOCKED: Finding = {
  ...{ about: 'locks', what: 'tag 1.0.0', code: 'image-unlocked', since: '2026-11-30T12:00:00.000Z' },
  ...{ message: 'tag 1.0.0 is not locked any more <img src=x onerror=alert(1)>', remedy: 'lock it again' },
};
const GUARDED = {
  ...{ version: '1.0.0', digest: 'sha256:a', since: '2026-11-30T12:00:00.000Z' },
  ...{ workflowId: 'promotion/iam/1.0.0/production', requestedBy: 'pipeline' },
};
const GUARDED_PLACE = { service: 'iam', environment: 'production' };

describe('when somebody looks with a browser', NEEDS_BROWSER, () => {
  let site: WebSite;
  let browser: Browser;
  let findings: readonly Finding[] = [UNLOCKED];
  /** As a zone looks: what is new is an answer, and so is whatever somebody asks for. */
  async function lookAfter({ known, answer }: LookRequest): Promise<LookAnswer> {
    const isNew = findingsKey(known) !== findingsKey(findings);
    if (!isNew && answer !== true) throw lookAgain({ said: 'nothing has changed' }, 200);
    const seen = {
      at: new Date().toISOString(),
      guarded: GUARDED,
      repository: 'iam',
      findings,
      confirmed: true,
    } as const;
    return { kind: 'seen', ...seen, wanted: 'alert' };
  }
  const untilDrifted = (isSo: boolean): Promise<void> =>
    eventually(async () => {
      const [place] = await site.pipeline.board({ environment: 'production' });
      return (place?.drift !== undefined) === isSo;
    });
  const open = (options?: BrowserContextOptions): Promise<Window> => openWindow(browser, site.web.url, options);

  before(async () => {
    [site, browser] = await Promise.all([startSite(), openBrowser()]);
    site.engine.act(scriptedActivities({ lookAfter }, { approvals: { production: APPROVAL } }).activities);
    await site.start('iam', '1.0.0');
    await site.untilItWaits('iam', '1.0.0');
    await site.anna.approve({ ...RELEASED, reason: 'looked at it' });
    await site.pipeline.wait(RELEASED);
    await site.start('iam', '1.1.0');
    await site.untilItWaits('iam', '1.1.0');
    await eventually(async () => {
      const [place] = await site.pipeline.places({ environment: 'production' });
      return place?.running !== undefined && place.entering[0]?.waitingFor === 'approval';
    });
    await site.pipeline.checkGuardian(GUARDED_PLACE);
    await untilDrifted(true);
  });
  after(async () => {
    await browser?.close();
    await site?.stop();
  });

  test('no page makes the browser complain, run what is not ours, or ask elsewhere', async () => {
    const { page, complaints, close } = await open();
    for (const path of PAGES) {
      const response = await page.goto(site.address(path));
      assert.equal(response?.status(), 200, path);
    }
    assert.deepEqual(complaints, []);
    await close();
  });

  test('what runs where, and what waits, is on the board, in the order of the path', async () => {
    const { page, close } = await open();
    await page.goto(site.address('/'));
    assert.deepEqual(await page.getByRole('columnheader').allTextContents(), [
      'Service',
      'dev',
      'staging',
      'production',
    ]);
    const row = await page.getByRole('row', { name: /^iam/ }).innerText();
    assert.match(row, /1\.0\.0[\s\S]*well .* ago[\s\S]*1\.1\.0[\s\S]*waits for approval/);
    await page.getByRole('link', { name: '1.1.0' }).last().click();
    await page.getByRole('heading', { level: 1, name: 'iam 1.1.0' }).waitFor();
    await close();
  });

  test('without JavaScript every page is complete, and has nothing to press that would do nothing', async () => {
    const { page, close } = await open({ javaScriptEnabled: false });
    for (const path of PAGES) {
      await page.goto(site.address(path));
      const text = await page.getByRole('main').innerText();
      for (const part of COMPLETE[path] ?? assert.fail(path)) assert.match(text, part, path);
      const pressed = page.locator('main :is(button, input, select, textarea):visible');
      const asks = page.locator('main form[method="get"] :is(button, input, select, textarea):visible');
      assert.equal(await pressed.count(), await asks.count(), path);
    }
    await page.goto(site.address('/'));
    await page.getByText('Why 1.1.0 waits').click();
    const why = await page.locator('.entering', { hasText: '1.1.0' }).innerText();
    assert.match(
      why,
      /production wants 1 yes[\s\S]*For[\s\S]*Since[\s\S]*Until[\s\S]*Then[\s\S]*sluice approve iam 1\.1\.0/,
    );
    await page.goto(site.address('/releases'));
    await page.getByLabel('Outcome').selectOption('released');
    await page.getByRole('button', { name: 'Show' }).click();
    const found = await page.getByRole('rowheader').allInnerTexts();
    assert.deepEqual(found, ['iam 1.0.0']);
    await close();
  });

  test('what happens appears by itself; what was unfolded stays so, and the keyboard stays where it was', async () => {
    await site.start('iam', '1.2.0');
    await site.untilItWaits('iam', '1.2.0');
    const { page, complaints, close } = await open();
    await page.goto(site.address('/releases/iam/1.2.0'));
    await page.getByText('This page follows the release by itself.').waitFor();
    const plan = page.locator('#plan-production-open');
    await plan.press('Enter');
    assert.equal(await page.locator('#plan-production').getAttribute('open'), null, 'folded by the keyboard');
    await plan.focus();
    await site.anna.approve({ service: 'iam', version: '1.2.0', reason: 'seen it move' });
    await page.getByText('The release has ended.').waitFor();
    assert.match(await page.locator('#journey').innerText(), /seen it move/);
    assert.notEqual(await page.getByRole('status').innerText(), '', 'a screen reader was told');
    assert.equal(await page.evaluate('document.activeElement.id'), 'plan-production-open');
    assert.equal(await page.locator('#plan-production').getAttribute('open'), null, 'still folded');
    assert.deepEqual(complaints, []);
    await close();
  });

  test('the keyboard reaches everything on every page, first the way past the navigation, and what has it can be seen', async () => {
    const { page, close } = await open();
    for (const path of PAGES) {
      await page.goto(site.address(path));
      if (path === '/releases/iam/1.1.0') await page.getByText('This page follows the release by itself.').waitFor();
      const all = (await page.evaluate(MARK)) as readonly string[];
      const reached = new Map<string, string>();
      for (let turn = 0; turn < all.length; turn += 1) {
        await page.keyboard.press('Tab');
        const [mark, name, outline] = (await page.evaluate(FOCUSED)) as [string, string, string];
        assert.notEqual(outline, 'none', `${path}: ${name} shows that it has the focus`);
        reached.set(mark, name);
      }
      assert.equal([...reached.values()][0], 'Skip to the content', path);
      const missed = all.filter((_, index) => !reached.has(String(index)));
      assert.deepEqual(missed, [], `${path} is reached whole`);
    }
    await close();
  });

  test('what is folded on the board opens by the keyboard alone, and leads to the command', async () => {
    const { page, close } = await open();
    await page.goto(site.address('/'));
    await page.getByText('Why 1.1.0 waits').focus();
    await page.keyboard.press('Enter');
    assert.match(await page.locator('.entering').last().innerText(), /sluice approve iam 1\.1\.0/);
    await close();
  });

  test('who prefers the dark gets it', async () => {
    const grounds = await Promise.all(
      (['light', 'dark'] as const).map(async (colorScheme) => {
        const { page, close } = await open({ colorScheme });
        await page.goto(site.address('/'));
        const ground = String(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
        await close();
        return ground;
      }),
    );
    assert.deepEqual(grounds, ['rgb(255, 255, 255)', 'rgb(20, 23, 26)']);
  });

  test('nothing has to be scrolled sideways on a screen of 320 pixels, unfolded or not, and tables stay tables', async () => {
    const { page, close } = await open({ viewport: { width: 320, height: 640 } });
    for (const path of PAGES) {
      await page.goto(site.address(path));
      await page.evaluate(`document.querySelectorAll('details').forEach((one) => (one.open = true))`);
      const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
      assert.ok(width <= 320, `${path}: ${width}`);
      assert.ok((await page.getByRole('table').count()) > 0, path);
      assert.ok((await page.getByRole('cell').count()) > 0, path);
    }
    await close();
  });

  test('what a guardian has found stands where it is, unfolds by the keyboard to what is to be done, and goes when it is over', async () => {
    const { page, complaints, close } = await open();
    for (const path of ['/', '/environments/production']) {
      await page.goto(site.address(path));
      const drift = page.locator('.drift');
      assert.equal(await drift.count(), 1, path);
      assert.doesNotMatch(await drift.innerText(), /lock it again/, path);
      await drift.getByText('What is not as it was left').press('Enter');
      const text = await drift.innerText();
      assert.match(text, /locks tag 1\.0\.0: tag 1\.0\.0 is not locked any more <img src=x onerror=alert\(1\)>/, path);
      assert.match(text, /To do: lock it again[\s\S]*Done about it: alert/, path);
    }
    findings = [];
    await untilDrifted(false);
    for (const path of ['/', '/environments/production']) {
      await page.goto(site.address(path));
      assert.doesNotMatch(await page.getByRole('main').innerText(), /drifted|not as it was left/, path);
    }
    assert.deepEqual(complaints, []);
    await close();
  });
});

/** Everything that a keyboard has to reach, numbered; the answer says what it is. */
const MARK = `(() => {
  const kinds = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const all = [...document.querySelectorAll(kinds)].filter((one) => one.checkVisibility() && !one.disabled);
  all.forEach((one, index) => one.setAttribute('data-mark', String(index)));
  return all.map((one) => one.outerHTML.slice(0, 80));
})()`;

const FOCUSED = `(() => {
  const one = document.activeElement;
  return [one.getAttribute('data-mark') ?? 'nothing', one.innerText.trim(), getComputedStyle(one).outlineStyle];
})()`;
