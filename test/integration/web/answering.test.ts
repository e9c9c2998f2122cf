import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { GivenApproval } from '../../../src/domain/approval.ts';
import { serveWeb } from '../../../src/web/server.ts';
import { ERROR_CATALOGUE } from '../../../src/cli/error-catalogue.ts';
import { takingBy } from '../../../src/cli/serving/answering.ts';
import { IMAGE, MANIFESTS, scriptedActivities } from '../../support/scripted-activities.ts';
import { NEEDS_BROWSER, type Window, openBrowser, openWindow } from './browser.ts';
import { type People, startPeople } from './people.ts';
import { type WebSite, startSite } from './site.ts';

describe('when people answer with a browser', NEEDS_BROWSER, () => {
  let people: People;
  let site: WebSite;
  let browser: Browser;
  let serial = 0;
  let version = '';

  before(async () => {
    [people, browser] = await Promise.all([startPeople(), openBrowser()]);
    site = await startSite({
      ...(await takingBy(people.configFile)),
      remedyOf: (code) => ERROR_CATALOGUE[code].remedy,
    });
    const { checkApproval, rule } = people;
    site.engine.act(scriptedActivities({ checkApproval }, { approvals: { production: rule } }).activities);
  });
  after(async () => {
    await browser?.close();
    await site?.stop();
    await people?.stop();
  });
  beforeEach(async () => {
    serial += 1;
    version = `1.${serial}.0`;
    await site.start('iam', version);
    await site.untilItWaits('iam', version);
  });

  const question = (of = version): string => site.address(`/releases/iam/${of}/production/answer`);
  async function open(options: BrowserContextOptions = {}): Promise<Window> {
    const window = await openWindow(browser, site.web.url, { ignoreHTTPSErrors: true, ...options });
    await window.page.goto(question());
    return window;
  }
  async function given(): Promise<readonly GivenApproval[]> {
    const { promotions } = await site.pipeline.status({ service: 'iam', version });
    return promotions.at(-1)?.approval?.given ?? [];
  }
  async function takeKey(page: Page, who: 'ada' | 'linus' | 'eve', name: string = who): Promise<void> {
    await page.getByLabel('Your name').fill(name);
    await page.getByLabel('Your private key').setInputFiles(people.keyFile(who));
    await page.getByText(new RegExp(`^${name}, with the key`)).waitFor();
  }
  async function signIn(page: Page, who: string): Promise<void> {
    await page.getByRole('button', { name: /^Sign in/ }).click();
    await page.getByRole('heading', { name: 'Sign in to Sluice' }).waitFor();
    await page.getByRole('combobox').selectOption(`${who}@example.test`);
    await page.getByRole('button', { name: /^Sign in/ }).click();
    await page.waitForURL(question());
    await page.getByText(`${who}@example.test, signed in until`).waitFor();
  }
  async function say(page: Page, answer: 'Yes' | 'No', reason = ''): Promise<void> {
    await page.getByRole('radio', { name: answer }).check();
    await page.getByLabel('Reason').fill(reason);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: 'Sign and send' }).click();
  }
  const told = (page: Page): Promise<string> => page.locator('#result > .box').innerText();

  test('two people let it in: one with a key file, one whom the identity provider vouches for', async () => {
    const ada = await open();
    await takeKey(ada.page, 'ada');
    await say(ada.page, 'Yes', 'looked at the dashboards');
    assert.match(await told(ada.page), /Your yes counts/);
    assert.deepEqual(ada.complaints, []);

    const grace = await open();
    await signIn(grace.page, 'grace');
    assert.match(await grace.page.getByRole('banner').innerText(), /Signed in as grace@example\.test until/);
    assert.match(await grace.page.getByRole('main').innerText(), /1 of 2[\s\S]*ada[\s\S]*looked at the dashboards/);
    await say(grace.page, 'Yes');
    assert.match(await told(grace.page), /Your yes counts/);
    const elsewhere = grace.complaints.filter((one) => !one.startsWith(`asked ${people.emulator.resourceManager}`));
    assert.deepEqual(elsewhere, [], 'nobody but the issuer was asked');

    assert.equal((await site.pipeline.wait({ service: 'iam', version })).outcome.kind, 'released');
    assert.deepEqual(
      (await given()).map(({ approver, proof, groups }) => [approver, proof, groups]),
      [
        ['ada', 'key', ['release-managers']],
        ['grace@example.test', 'oidc', ['release-managers']],
      ],
    );
    await Promise.all([ada.close(), grace.close()]);
  });

  test('nothing of a private key leaves the browser, neither by file nor by sign-in', async () => {
    const { page, close } = await open();
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.url(), request.postData() ?? ''));
    await page.getByLabel('Keep it in this browser').check();
    await takeKey(page, 'linus');
    await say(page, 'Yes');
    assert.match(await told(page), /Your yes counts/);
    const secret = readFileSync(people.keyFile('linus'), 'utf8').split('\n')[1] ?? '';
    assert.ok(secret.length > 40);
    assert.ok(!sent.some((text) => text.includes(secret.slice(0, 40))));
    await signIn(page, 'ada');
    for (const name of ['own-key', 'sign-in'])
      assert.equal(await page.evaluate(`(${TAKE_OUT})('${name}')`), 'InvalidAccessError', name);
    await close();
  });

  test('a no needs a reason, and ends the release with it', async () => {
    const { page, close } = await open();
    await takeKey(page, 'ada');
    await page.getByRole('radio', { name: 'No' }).check();
    await page.getByRole('button', { name: 'Go on' }).click();
    assert.match(await told(page), /The reason is missing/);
    assert.deepEqual(await given(), []);
    await say(page, 'No', 'errors in staging');
    assert.match(await told(page), /Your no counts/);
    const { outcome } = await site.pipeline.wait({ service: 'iam', version });
    assert.match(outcome.reason, /rejected by ada: errors in staging/);
    await page.goto(question());
    assert.match(await page.getByRole('main').innerText(), /Nobody is asked here at the moment/);
    await close();
  });

  test('passing a closed gate needs a reason, and is signed with the answer', async () => {
    const { page, close } = await open();
    await takeKey(page, 'ada');
    // as the page draws it while a gate is closed
    await page.evaluate(`document.querySelector('#words textarea').closest('label').insertAdjacentHTML('beforebegin',
      '<label class="choice"><input type="checkbox" name="override" value="office" /> office</label>')`);
    await page.getByRole('checkbox', { name: 'office' }).check();
    await page.getByRole('radio', { name: 'Yes' }).check();
    await page.getByRole('button', { name: 'Go on' }).click();
    assert.match(await told(page), /The reason is missing[\s\S]*passing a closed gate/);
    await say(page, 'Yes', 'a hot-fix');
    assert.match(await told(page), /Your yes counts/);
    assert.deepEqual(
      (await given()).map(({ overrides, reason }) => [overrides, reason]),
      [[['office'], 'a hot-fix']],
    );
    await close();
  });

  test('whoever started the release is refused, with the code and what to do', async () => {
    const own = `${version}-own`;
    const ada = await site.engine.client('ada');
    const image = `${IMAGE.repository}@${IMAGE.digest}`;
    await ada.startRelease({ service: 'iam', version: own, image, manifests: MANIFESTS });
    await site.untilItWaits('iam', own);
    const { page, close } = await open();
    await page.goto(question(own));
    await takeKey(page, 'ada');
    await say(page, 'Yes');
    assert.match(
      await told(page),
      /does not count[\s\S]*whoever started a release[\s\S]*Ask another person[\s\S]*approval-excluded/,
    );
    await close();
  });

  test("a key that nobody is known by, somebody else's name, and a second answer are refused", async () => {
    const { page, close } = await open();
    await takeKey(page, 'eve', 'ada');
    await say(page, 'Yes');
    assert.match(await told(page), /approval-key-unknown/);
    await takeKey(page, 'linus', 'ada');
    await say(page, 'Yes');
    assert.match(await told(page), /names somebody else[\s\S]*approval-unproven/);
    assert.deepEqual(await given(), []);
    await takeKey(page, 'linus');
    await say(page, 'Yes');
    assert.match(await told(page), /Your yes counts/);
    await say(page, 'Yes');
    assert.match(await told(page), /approval-duplicate/);
    assert.equal((await given()).length, 1);
    await close();
  });

  test('what is no usable key is said to be none, before anything is sent', async () => {
    const { page, close } = await open();
    const choose = (text: string): Promise<void> =>
      page.getByLabel('Your private key').setInputFiles({ name: 'k.pem', mimeType: '', buffer: Buffer.from(text) });
    const pem = (kind: string, body = 'AAAA'): string => `-----BEGIN ${kind}-----\n${body}\n-----END ${kind}-----\n`;
    for (const [text, said] of [
      ['hello', /holds no private key/],
      [pem('PUBLIC KEY'), /public half/],
      [pem('ENCRYPTED PRIVATE KEY'), /passphrase[\s\S]*command line/],
      [pem('EC PRIVATE KEY'), /openssl pkcs8 -topk8/],
      [pem('PRIVATE KEY', '!'), /damaged/],
      [pem('PRIVATE KEY'), /neither an Ed25519 nor a P-256/],
      ['x'.repeat(20_001), /too large/],
    ] as const) {
      await choose(text);
      await page.getByText(said).first().waitFor();
      assert.match(await page.locator('#result').innerText(), said);
    }
    await page.getByRole('radio', { name: 'Yes' }).check();
    await page.getByRole('button', { name: 'Go on' }).click();
    assert.match(await told(page), /Nobody answers yet/);
    await close();
  });

  test('a browser that cannot sign with Ed25519 says so, and what to take instead', async () => {
    const { page, close } = await open();
    await page.evaluate(`crypto.subtle.importKey = async () => { throw new DOMException('no', 'NotSupportedError'); }`);
    await page.getByLabel('Your private key').setInputFiles(people.keyFile('ada'));
    await page.getByText('cannot sign with Ed25519').waitFor();
    assert.match(await told(page), /newer browser, a P-256 key, or the command line/);
    await close();
  });

  test('a kept key is there again, and gone when it is forgotten', async () => {
    const { page, close } = await open();
    await takeKey(page, 'ada');
    await page.getByLabel('Keep it in this browser').check();
    await page.getByRole('button', { name: 'Forget the kept key' }).waitFor();
    await page.reload();
    await page.getByText(/^ada, with the key/).waitFor();
    await say(page, 'Yes');
    assert.match(await told(page), /Your yes counts/);
    await page.getByRole('button', { name: 'Forget the kept key' }).click();
    await page.reload();
    await page.getByText(/Nobody yet/).waitFor();
    await close();
  });

  test('signing out is forgetting, for server and browser; somebody outside the group is refused', async () => {
    const { page, close } = await open();
    await signIn(page, 'margaret');
    await say(page, 'Yes');
    assert.match(await told(page), /approval-wrong-group/);
    await page.evaluate(FORGET_KEYS);
    await page.reload();
    await page.getByText(/margaret@example\.test's sign-in is not in this browser/).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText(/Nobody yet/).waitFor();
    assert.doesNotMatch(await page.getByRole('banner').innerText(), /margaret/);
    assert.deepEqual(await page.evaluate(`fetch('/session.json').then((answer) => answer.json())`), {});
    await close();
  });

  test('declining at the issuer signs nobody in and says so', async () => {
    const { page, close } = await open();
    await page.getByRole('button', { name: /^Sign in/ }).click();
    await page.getByRole('combobox').selectOption('ada@example.test');
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.match(
      await page.getByRole('main').innerText(),
      /nobody was signed in[\s\S]*access_denied[\s\S]*login-failed/,
    );
    await close();
  });

  test('without JavaScript the plan, its undo and the commands are there, and no form that would do nothing', async () => {
    const { page, close } = await open({ javaScriptEnabled: false });
    const text = await page.getByRole('main').innerText();
    for (const part of [
      /Asked: /,
      /What changes/,
      /If it fails, this is undone/,
      new RegExp(`sluice approve iam ${version}`),
    ]) {
      assert.match(text, part);
    }
    assert.equal(await page.getByRole('button').count(), 0);
    assert.equal(await page.getByRole('radio').count(), 0);
    await close();
  });

  test('the keyboard alone is enough, and what was decided is where it is read next', async () => {
    const { page, close } = await open();
    await takeKey(page, 'ada');
    await page.getByLabel('Keep it in this browser').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    assert.ok(await page.getByRole('radio', { name: 'Yes' }).isChecked());
    await page.keyboard.press('Tab');
    await page.keyboard.type('typed');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Say yes?' }).waitFor();
    assert.match(
      await page.getByRole('dialog').innerText(),
      new RegExp(`iam ${version} → production[\\s\\S]*ada[\\s\\S]*typed`),
    );
    await page.keyboard.press('Escape');
    assert.deepEqual(await given(), [], 'Escape sends nothing');
    assert.equal(await page.evaluate('document.activeElement.textContent.trim()'), 'Go on');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Enter');
    assert.deepEqual(await given(), [], 'a key that is held down sends nothing');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.match(await told(page), /Your yes counts/);
    assert.equal(await page.evaluate('document.activeElement.id'), 'result');
    await close();
  });

  test('everything has a name for a screen reader, and groups have one too', async () => {
    const { page, close } = await open();
    for (const group of ['Who answers', 'Do you agree with this plan?']) {
      assert.equal(await page.getByRole('group', { name: group }).count(), 1, group);
    }
    assert.equal(await page.getByRole('region', { name: /^Your answer to plan/ }).count(), 1);
    const nameless = await page.evaluate(`[...document.querySelectorAll('input, textarea, button')]
      .filter((one) => one.checkVisibility() && (one.labels?.length ?? 0) === 0 && one.textContent.trim() === '')
      .map((one) => one.outerHTML)`);
    assert.deepEqual(nameless, []);
    await close();
  });

  test('a screen of 320 pixels in the dark is enough', async () => {
    const { page, close } = await open({ viewport: { width: 320, height: 640 }, colorScheme: 'dark' });
    await takeKey(page, 'ada');
    const isNarrow = async (): Promise<void> => {
      const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
      assert.ok(width <= 320, `${width}: ${String(await page.evaluate(TOO_WIDE))}`);
    };
    await isNarrow();
    await page.getByRole('radio', { name: 'Yes' }).check();
    await page.getByRole('button', { name: 'Go on' }).click();
    const box = await page.getByRole('dialog').boundingBox();
    assert.ok(box !== null && box.x >= 0 && box.x + box.width <= 320, JSON.stringify(box));
    const grounds = await page.evaluate(`['body', 'dialog', 'textarea'].map(
      (name) => getComputedStyle(document.querySelector(name)).backgroundColor)`);
    assert.deepEqual(grounds, ['rgb(20, 23, 26)', 'rgb(20, 23, 26)', 'rgb(20, 23, 26)']);
    await page.getByRole('button', { name: 'Sign and send' }).click();
    assert.match(await told(page), /Your yes counts/);
    await isNarrow();
    await close();
  });

  test('a server that takes names does not make an environment take them', async () => {
    const trusting = await serveWeb({
      address: '127.0.0.1',
      port: 0,
      namespace: site.engine.namespace,
      open: () => site.engine.client('web'),
      onDefect: assert.ifError,
      answering: { kind: 'unproven' },
    });
    const { page, complaints, close } = await openWindow(browser, trusting.url);
    await page.goto(`${trusting.url}releases/iam/${version}/production/answer`);
    await page.getByText('Nothing is proven here').waitFor();
    await page.getByLabel('Your name').fill('ada');
    await page.getByRole('radio', { name: 'Yes' }).check();
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('button', { name: 'Send' }).click();
    assert.match(await told(page), /approval-unproven/);
    assert.deepEqual(
      complaints.filter((one) => !one.includes('409')),
      [],
    );
    await close();
    await trusting.close();
  });

  test('from the journey one comes to the question', async () => {
    const { page, close } = await open();
    await page.goto(site.address(`/releases/iam/${version}`));
    await page.getByRole('link', { name: 'Answer for production' }).click();
    await page.waitForURL(question());
    await close();
  });
});

const TAKE_OUT = `async (name) => {
  const opening = indexedDB.open('sluice');
  await new Promise((resolve) => (opening.onsuccess = resolve));
  const asked = opening.result.transaction('keys').objectStore('keys').get(name);
  await new Promise((resolve) => (asked.onsuccess = resolve));
  return crypto.subtle.exportKey('pkcs8', asked.result.key.privateKey).then(() => 'out', (error) => error.name);
}`;

const FORGET_KEYS = `new Promise((resolve) => (indexedDB.deleteDatabase('sluice').onsuccess = resolve))`;

const TOO_WIDE = `[...document.querySelectorAll('*')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.tagName + '#' + one.id)`;
