/** A roll-back is answered with a browser, though the release of its version has ended long ago. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { takingBy } from '../../../src/cli/serving/answering.ts';
import { IMAGE, MANIFESTS, scriptedActivities } from '../../support/scripted-activities.ts';
import { NEEDS_BROWSER, openBrowser, openWindow } from './browser.ts';
import { type People, startPeople } from './people.ts';
import { type WebSite, eventually, startSite } from './site.ts';

describe('when a roll-back waits for people who have a browser', NEEDS_BROWSER, () => {
  let people: People;
  let site: WebSite;
  let browser: Browser;
  before(async () => {
    [people, browser] = await Promise.all([startPeople(), openBrowser()]);
    site = await startSite(await takingBy(people.configFile));
  });
  after(async () => {
    await browser?.close();
    await site?.stop();
    await people?.stop();
  });

  function act(approvals = {}): void {
    const { checkApproval } = people;
    const known = { version: '1.0.0', image: IMAGE, manifests: MANIFESTS, since: '2026-11-01T00:00:00Z' };
    const findKnownGood = async () => ({ ok: true, known }) as const;
    const options = { path: ['dev'], turns: 'queue', approvals } as const;
    site.engine.act(scriptedActivities({ checkApproval, findKnownGood }, options).activities);
  }

  test('they find it in the list, are asked on its page, and their signed yes brings the version back', async () => {
    act();
    await site.start('iam', '1.0.0');
    await site.pipeline.wait({ service: 'iam', version: '1.0.0' });
    act({ dev: { ...people.rule, required: 1 } });
    await site.pipeline.startRollback({ service: 'iam', environment: 'dev', reason: 'sessions are lost' });
    await eventually(async () => (await site.pipeline.list({ rollbacks: true, waiting: 'approval' })).length === 1);

    const { page, complaints } = await openWindow(browser, site.web.url, { ignoreHTTPSErrors: true });
    await page.goto(site.address('/releases/iam/1.0.0'));
    await page.getByText('This page follows the release by itself.').waitFor();
    await page.goto(site.address('/releases'));
    await page
      .getByRole('row', { name: /roll-back/ })
      .getByRole('link', { name: 'iam 1.0.0' })
      .click();
    await page.getByText('A roll-back: dev goes back to 1.0.0, for pipeline: sessions are lost').waitFor();
    await page.getByLabel('Your name').fill('ada');
    await page.getByLabel('Your private key').setInputFiles(people.keyFile('ada'));
    await page.getByText(/^ada, with the key/).waitFor();
    await page.getByRole('radio', { name: 'Yes' }).check();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: 'Sign and send' }).click();
    assert.match(await page.locator('#result > .box').innerText(), /Your yes counts/);
    const { outcome, promotion } = await site.pipeline.waitForRollback('iam', 'dev');
    assert.equal(outcome.kind, 'released', outcome.reason);
    assert.match(promotion?.evidence.find((one) => one.step === 'approval')?.summary ?? '', /approved by ada/);
    assert.deepEqual(complaints, []);
  });
});
