/** The records that a release leaves on its journey through the local stack, checked by the real `cosign`. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { recordKeyOf } from '../../../local/stack/record-keys.ts';
import { type Stack, startStack } from '../../../local/stack/start-stack.ts';
import { ENVIRONMENTS } from '../../../local/stack/world.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { PROMOTION_PREDICATE, type PromotionPredicate } from '../../../src/evidence/record-predicate.ts';
import { readPromotion } from '../../../src/evidence/record-statement.ts';
import { ClientProgram } from '../../clients/program.ts';
import { Probe } from '../acr-emulator/probe.ts';

const missing = (['temporal', 'cosign'] as const).filter((tool) => toolPath(tool) === undefined);
const skip = missing.length > 0 && !process.env['CI'] && `${missing.join(', ')} not installed: npm run setup`;

describe('when a release has passed two environments', { skip, timeout: 240_000 }, () => {
  let stack: Stack;
  let cosign: ClientProgram;
  let reference: (environment: string) => string;
  const dir = mkdtempSync(join(tmpdir(), 'sluice-records-'));
  before(async () => {
    stack = await startStack({ dir, ports: 'free', cluster: 'simulated' });
    const { version, image } = await stack.push('v1');
    const ended = await stack.sluice(['start', 'iam', version, '--until', 'staging', '--wait'], { user: 'pipeline' });
    assert.equal(ended.code, 0, ended.stderr + ended.stdout);
    const probe = new Probe(stack.emulator, '');
    cosign = new ClientProgram('cosign', probe);
    cosign.loginAs('auditor', 'onestreamdev', 'onestreamstaging');
    reference = (name) => {
      const registry = ENVIRONMENTS.find((one) => one.name === name)?.registry ?? '';
      return `${probe.loginServer(registry)}/iam@${image.digest}`;
    };
  });
  after(async () => {
    cosign.remove();
    await stack.stop();
    rmSync(dir, { recursive: true });
  });

  function verify(environment: string, key: string): ReturnType<ClientProgram['run']> {
    const { publicFile } = recordKeyOf(join(dir, 'records'), key);
    const what = ['--insecure-ignore-tlog', '--type', PROMOTION_PREDICATE, '--key', publicFile];
    return cosign.run('verify-attestation', ...what, reference(environment));
  }

  async function recordOf(environment: string): Promise<PromotionPredicate | undefined> {
    const { code, stdout, stderr } = await verify(environment, environment);
    assert.equal(code, 0, stderr);
    const { payload } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { payload: string };
    return readPromotion(
      (JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as { predicate: unknown }).predicate,
    );
  }

  for (const name of ['dev', 'staging']) {
    test(`${name}'s record lies beside the image there, signed with its own key`, async () => {
      const record = await recordOf(name);
      assert.equal(record?.to.environment, name);
      assert.equal(record.requestedBy, 'pipeline');
      const steps = record.reportedByEngine.steps.map((one) => one.step);
      assert.ok(steps.includes('prove-running') && steps.includes('admit'));
    });
  }

  test('each import that the record names stands in the log of the registry under that name', async () => {
    const { imports = [] } = (await recordOf('staging'))?.effects ?? {};
    const asked = stack.emulator.effects().filter(({ effect }) => effect === 'import-accepted');
    const known = asked.map(({ operation }) => operation);
    assert.deepEqual(
      imports.map(({ operation }) => /\/operationResults\/registries-([^/?]+)$/.exec(operation)?.[1]).toSorted(),
      known.toSorted(),
    );
    assert.ok(known.length > 1);
    assert.equal((await recordOf('dev'))?.effects.imports, undefined, 'nothing is imported where it was pushed');
  });

  test('dev’s record has travelled on to staging with the image', async () => {
    const { code, stderr } = await verify('staging', 'dev');
    assert.equal(code, 0, stderr);
  });

  test('no other environment has signed it', async () => {
    assert.notEqual((await verify('dev', 'production')).code, 0);
    assert.notEqual((await verify('staging', 'production')).code, 0);
  });
});
