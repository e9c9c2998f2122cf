import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after, before, describe, test } from 'node:test';
import type { ApprovalStatement } from '../../../src/domain/approval.ts';
import { APPROVAL, IMAGE, MANIFESTS, scriptedActivities } from '../../support/scripted-activities.ts';
import { type Engine, NEEDS_TEMPORAL, startEngine } from './engine.ts';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

/** The example of docs/library.md as a program of somebody else, in a folder of its own that links to the checkout. */
describe('when a program uses the library from its own folder', NEEDS_TEMPORAL, () => {
  let engine: Engine;
  let folder = '';
  const seen: ApprovalStatement[] = [];
  const key = () => generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

  before(async () => {
    engine = await startEngine();
    folder = mkdtempSync(join(tmpdir(), 'sluice-library-'));
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(CHECKOUT, join(folder, 'node_modules', 'sluice'));
    const page = readFileSync(join(CHECKOUT, 'docs/library.md'), 'utf8');
    writeFileSync(join(folder, 'answer.ts'), /```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'ada.pem'), key(), { mode: 0o600 });
    const checkApproval = async ({ statement }: { readonly statement: ApprovalStatement }) => {
      seen.push(statement);
      return { ok: true, subject: statement.approver, groups: [] } as const;
    };
    engine.act(scriptedActivities({ checkApproval }, { approvals: { production: APPROVAL } }).activities);
  });
  after(async () => {
    await engine.stop();
    rmSync(folder, { recursive: true });
  });

  const example = () =>
    run(process.execPath, ['answer.ts'], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'] ?? '',
        TEMPORAL_ADDRESS: engine.address,
        TEMPORAL_NAMESPACE: engine.namespace,
        ADA_KEY: join(folder, 'ada.pem'),
      },
    });

  test('the example of the page answers a question with a signature', async () => {
    const pipeline = await engine.client('pipeline');
    const release = { service: 'iam', version: '2026.11.3' };
    const image = `${IMAGE.repository}@${IMAGE.digest}`;
    await pipeline.startRelease({ ...release, image, manifests: MANIFESTS });
    for await (const event of pipeline.watch(release)) if (event.kind === 'waiting') break;
    const { stdout } = await example();
    assert.match(stdout, /production wants 1 yes[\s\S]*counted; it goes on/);
    assert.deepEqual([seen[0]?.approver, seen[0]?.statement?.split('.').length], ['ada', 3]);
    assert.equal((await pipeline.wait(release)).outcome.kind, 'released');
  });

  test('a key that others may read, or that is none, is refused with what to do', async () => {
    chmodSync(join(folder, 'ada.pem'), 0o644);
    const program = `import { keySigner } from 'sluice/client';
      for (const keyFile of ['ada.pem', 'package.json', 'nowhere.pem'])
        try { keySigner({ subject: 'ada', keyFile }); } catch (error) { console.log(error.code, error.remedy); }`;
    writeFileSync(join(folder, 'keys.mjs'), program);
    const { stdout } = await run(process.execPath, ['keys.mjs'], { cwd: folder });
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
      ['login-failed', 'login-missing', 'login-missing'],
    );
    assert.match(stdout, /chmod 600 ada\.pem/);
  });

  test('the contract is there by file, and everything else is not', async () => {
    const program = `import { ENGINE_QUEUE } from 'sluice/contract/task-queues';
      console.log(ENGINE_QUEUE);
      await import('sluice/src/worker/main.ts').catch((error) => console.log(error.code));`;
    writeFileSync(join(folder, 'contract.mjs'), program);
    const { stdout } = await run(process.execPath, ['contract.mjs'], { cwd: folder });
    assert.deepEqual(stdout.trim().split('\n'), ['sluice', 'ERR_PACKAGE_PATH_NOT_EXPORTED']);
  });
});
