import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { createKeyApprovals } from '../../../src/adapters/approvals/keys.ts';
import { createOidcApprovals } from '../../../src/adapters/approvals/oidc/create-oidc-approvals.ts';
import { currentSigner } from '../../../src/cli/login/signer.ts';
import { logInWithIssuer } from '../../../src/cli/login/with-issuer.ts';
import { logInWithKey } from '../../../src/cli/login/with-key.ts';
import { EXIT, type ExitCode } from '../../../src/cli/exit-codes.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { plain } from '../../../src/cli/terminal.ts';
import type { Config } from '../../../src/config/config.ts';
import { loginFile, readLogin, removeLogin } from '../../../src/config/login-file.ts';
import { CLIENT_ID, GROUP_ID, startIssuer, type TestIssuer } from '../../support/issuer.ts';
import { aPerson, EXPECTED, NOW, PLAN_DIGEST, RULE } from '../../support/people.ts';
import { GOOD, read } from '../config/written.ts';

let folder: string;
const before_ = Object.fromEntries(
  ['XDG_CONFIG_HOME', 'SLUICE_LOGIN', 'SLUICE_USER'].map((name) => [name, process.env[name]]),
);
beforeEach(() => {
  delete process.env['SLUICE_LOGIN'];
  delete process.env['SLUICE_USER'];
  folder = mkdtempSync(join(tmpdir(), 'sluice-login-'));
  process.env['XDG_CONFIG_HOME'] = join(folder, 'config');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, value] of Object.entries(before_)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const { release, service, version, environment } = EXPECTED;
const FACTS = { release, service, version, environment, planDigest: PLAN_DIGEST, decision: 'approve' } as const;
const modeOf = (file: string): number => statSync(file).mode & 0o777;

/** Runs one command in this process; what it said, and with which code it wants to end. */
async function run(...args: readonly string[]): Promise<{ readonly said: string; readonly exit: ExitCode }> {
  const lines: string[] = [];
  let exit: ExitCode = EXIT.ok;
  const terminal = {
    json: args.includes('--json'),
    paint: plain,
    say: (text: string) => void lines.push(text),
    gone: new AbortController().signal,
    sayJson: (value: unknown) => void lines.push(JSON.stringify(value)),
    note: (text: string) => void lines.push(text),
    command: (line: string) => void lines.push(line),
  };
  await buildProgram(terminal, (code) => (exit = code)).parseAsync([...args], { from: 'user' });
  return { said: lines.join('\n'), exit };
}

describe('when somebody logs in with a key', () => {
  test('a new key is made, readable by nobody else, with its public half beside it', () => {
    const { keyFile, publicFile, made } = logInWithKey(join(folder, 'keys', 'ada.pem'), 'ada');
    assert.equal(made, true);
    assert.deepEqual([modeOf(keyFile), modeOf(loginFile())], [0o600, 0o600]);
    assert.match(readFileSync(publicFile, 'utf8'), /^-----BEGIN PUBLIC KEY-----/);
    assert.deepEqual(readLogin(), { kind: 'key', subject: 'ada', keyFile });
    assert.doesNotMatch(readFileSync(loginFile(), 'utf8'), /PRIVATE/);
  });

  test('SLUICE_LOGIN names another file for the login, so that each shell can be somebody', () => {
    process.env['SLUICE_LOGIN'] = join(folder, 'grace', 'login.json');
    logInWithKey(join(folder, 'grace.pem'), 'grace');
    assert.equal(loginFile(), join(folder, 'grace', 'login.json'));
    process.env['SLUICE_LOGIN'] = join(folder, 'linus', 'login.json');
    assert.equal(readLogin(), undefined);
    logInWithKey(join(folder, 'linus.pem'), 'linus');
    process.env['SLUICE_LOGIN'] = join(folder, 'grace', 'login.json');
    assert.equal(readLogin()?.subject, 'grace');
  });

  test('a key that is there is taken as it is', () => {
    for (const kind of ['ed25519', 'p-256'] as const) {
      const file = join(folder, `${kind}.pem`);
      const pem = aPerson('ada', kind).privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
      writeFileSync(file, pem, { mode: 0o600 });
      assert.equal(logInWithKey(file, 'ada').made, false);
      assert.equal(readFileSync(file, 'utf8'), pem);
    }
  });

  test('refuses a key that others may read, and a file that is no such key', () => {
    const { keyFile } = logInWithKey(join(folder, 'ada.pem'), 'ada');
    chmodSync(keyFile, 0o644);
    assert.throws(() => logInWithKey(keyFile, 'ada'), { code: 'login-failed', remedy: /chmod 600/ });
    const nonsense = join(folder, 'nonsense.pem');
    writeFileSync(nonsense, 'hello', { mode: 0o600 });
    assert.throws(() => logInWithKey(nonsense, 'ada'), { code: 'login-failed', got: 'no private key in PEM' });
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    const other = join(folder, 'other.pem');
    writeFileSync(other, pair.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    assert.throws(() => logInWithKey(other, 'ada'), {
      code: 'login-failed',
      got: /neither an Ed25519 nor a P-256 key/,
    });
    const secret = { cipher: 'aes-256-cbc', passphrase: 'x' };
    writeFileSync(other, pair.export({ format: 'pem', type: 'pkcs8', ...secret }), { mode: 0o600 });
    assert.throws(() => logInWithKey(other, 'ada'), { code: 'login-failed', got: /encrypted with a passphrase/ });
    assert.throws(() => logInWithKey(folder, 'ada'), { code: 'login-failed', message: /is a folder/ });
  });

  test('refuses a login of nobody, and makes no key for it', () => {
    const file = join(folder, 'nobody.pem');
    assert.throws(() => logInWithKey(file, ' '), { code: 'login-failed', remedy: /--as/ });
    assert.ok(!existsSync(file));
  });

  test('says where nothing can be written', { skip: process.platform !== 'linux' }, () => {
    assert.throws(() => logInWithKey('/proc/nope/x/ada.pem', 'ada'), {
      code: 'config-invalid',
      message: /cannot be written/,
    });
    process.env['SLUICE_LOGIN'] = '/proc/nope/x';
    assert.throws(() => logInWithKey(join(folder, 'ada.pem'), 'ada'), {
      code: 'config-invalid',
      message: /SLUICE_LOGIN/,
    });
  });

  test('what they sign is what an environment with their public key accepts', async () => {
    const { publicKey } = logInWithKey(join(folder, 'ada.pem'), 'ada');
    const signer = currentSigner(() => NOW);
    assert.ok(signer !== undefined);
    const statement = await signer.sign(FACTS, 60_000);
    const holders = [{ name: 'ada', aliases: [], groups: ['release-managers'], keys: [publicKey] }];
    const answer = { decision: 'approve', approver: signer.subject, planDigest: PLAN_DIGEST, statement } as const;
    assert.equal((await createKeyApprovals(holders).verify(answer, RULE, EXPECTED)).kind, 'accepted');
  });

  test('says so when the key has gone since', () => {
    const { keyFile } = logInWithKey(join(folder, 'ada.pem'), 'ada');
    rmSync(keyFile);
    assert.throws(() => currentSigner(), { code: 'login-missing', message: /private key of ada/ });
  });
});

describe('when somebody logs in with an identity provider', () => {
  let issuer: TestIssuer;
  before(async () => {
    issuer = await startIssuer();
  });
  after(() => issuer.close());

  function configuration(): Config {
    const text = GOOD.replace(
      '\n  approvers: unproven',
      `\n  identity: { issuer: "${issuer.issuer}", clientId: ${CLIENT_ID}, groups: { release-managers: ${GROUP_ID} } }`,
    );
    return read(text);
  }

  test('a key is made for the login alone, and what it signs is accepted while the token is good', async () => {
    const shown: string[] = [];
    const login = await logInWithIssuer(configuration(), ({ code }) => shown.push(code));
    assert.deepEqual([shown, login.subject], [['BCDF-GHJK'], 'ada@example.test']);
    assert.equal(modeOf(loginFile()), 0o600);
    const now = new Date();
    const signer = currentSigner(() => now);
    assert.ok(signer !== undefined);
    const statement = await signer.sign(FACTS, 60_000);
    const answer = { decision: 'approve', approver: signer.subject, planDigest: PLAN_DIGEST, statement } as const;
    const groups = { 'release-managers': GROUP_ID };
    const verifier = createOidcApprovals({ issuer: issuer.issuer, audience: CLIENT_ID, groupsClaim: 'groups', groups });
    assert.equal((await verifier.verify(answer, RULE, { ...EXPECTED, at: now })).kind, 'accepted');
    const over = new Date(Date.parse(login.expiresAt));
    assert.throws(() => currentSigner(() => over), { code: 'login-missing', remedy: /sluice login/ });
  });

  test('says so when the configuration names none', async () => {
    await assert.rejects(
      logInWithIssuer(read(GOOD), () => undefined),
      { code: 'login-failed', remedy: /--key/ },
    );
  });
});

describe('when the commands are run', () => {
  test('login, whoami and logout tell who answers', async () => {
    const file = join(folder, 'ada.pem');
    assert.deepEqual((await run('whoami')).exit, EXIT.usage);
    const login = await run('login', '--key', file, '--as', 'ada');
    assert.match(login.said, /- \{ name: ada, key: keys\/ada\.pem\.pub \}/);
    const who = await run('whoami');
    assert.match(who.said, /^ada, with the key .*ada\.pem:\n-----BEGIN PUBLIC KEY-----/);
    assert.equal((JSON.parse((await run('whoami', '--json')).said) as { proof: string }).proof, 'key');
    assert.equal((await run('logout')).said, 'logged out');
    assert.equal((await run('logout')).said, 'nobody was logged in');
    assert.ok(existsSync(file), 'the key is theirs');
    assert.equal(currentSigner(), undefined);
  });

  test('whoami says under which name releases are started, and warns where it is another one than answers are given by', async () => {
    const actsAs = async () => (JSON.parse((await run('whoami', '--json')).said) as { actsAs: string }).actsAs;
    process.env['SLUICE_USER'] = 'build-pipeline';
    assert.match((await run('whoami')).said, /you start releases and give commands as build-pipeline$/);
    await run('login', '--key', join(folder, 'ada.pem'), '--as', 'ada');
    assert.equal(await actsAs(), 'build-pipeline');
    assert.match(
      (await run('whoami')).said,
      /as build-pipeline and answer as ada: unless trust\.approvers has one as alias/,
    );
    delete process.env['SLUICE_USER'];
    assert.equal(await actsAs(), 'ada');
    const { said } = await run('whoami');
    assert.match(said, /-----\nyou start releases and give commands as ada$/);
    assert.doesNotMatch(said, /alias/);
  });

  test('a login file of another make is refused with a remedy, and can be removed', () => {
    logInWithKey(join(folder, 'ada.pem'), 'ada');
    writeFileSync(loginFile(), '{"kind":"magic"}');
    assert.throws(() => readLogin(), { code: 'config-invalid', message: /log in anew/ });
    assert.equal(removeLogin(), true);
    assert.equal(readLogin(), undefined);
  });
});
