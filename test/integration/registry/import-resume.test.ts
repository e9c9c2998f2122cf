/** An import that outlives its caller: asked for once, whoever waits and whatever dies in between. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { describeTicket } from '../../../src/adapters/registry/acr/import-ticket.ts';
import { assertRefused } from '../../ports/registry/refusals.ts';
import { NEVER, sampleImage } from '../../ports/registry/subject.ts';
import { clientIdOf, type Emulated, registryOf, startEmulated } from './emulated.ts';

const IMAGE = sampleImage('resumed');
const REQUEST = { source: 'dev', repository: 'iam', digest: IMAGE.manifestDigest, tag: '1.0.0' };
const SCRIPT = fileURLToPath(new URL('./begin-import.ts', import.meta.url));

describe('when the one who asked for an import goes away', () => {
  let emulated: Emulated;
  beforeEach(async () => {
    emulated = await startEmulated({ importDurationMs: 50 });
    await emulated.push('iam', IMAGE);
  });
  afterEach(() => emulated.close());

  const imports = (effect: string): number =>
    emulated.emulator.effects().filter((one) => one.effect === effect && one.registry === 'onestreamstaging').length;

  async function assertCopiedOnce(): Promise<void> {
    const copy = await emulated.acr('staging', 'worker-staging').reader.manifest('iam', { tag: '1.0.0' });
    assert.equal(copy?.digest, IMAGE.manifestDigest);
    assert.equal(imports('import-accepted'), 1);
    assert.equal(imports('import-completed'), 1);
  }

  test('a second adapter goes on with the ticket alone', async () => {
    const ticket = await emulated.acr('staging', 'worker-staging').importer.begin(REQUEST, NEVER);
    await emulated.acr('staging', 'worker-staging').importer.finish(ticket, NEVER);
    await assertCopiedOnce();
  });

  test('a killed process leaves nothing to repeat', async () => {
    const { emulator } = emulated;
    const settings = {
      registry: { ...registryOf('staging'), loginServer: emulator.registries.onestreamstaging?.loginServer },
      source: { ...registryOf('dev'), loginServer: emulator.registries.onestreamdev?.loginServer },
      resourceManager: emulator.resourceManager,
      ca: readFileSync(emulator.caFile, 'utf8'),
      clientId: clientIdOf('worker-staging'),
      request: REQUEST,
    };
    const child = spawn(process.execPath, [SCRIPT, JSON.stringify(settings)], {
      env: { ...emulator.hosts['worker-nonproduction']?.env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [ticket] = (await once(child.stdout, 'data')) as [Buffer];
    child.kill('SIGKILL');
    await once(child, 'exit');
    await emulated.acr('staging', 'worker-staging').importer.finish(ticket.toString('utf8'), NEVER);
    await assertCopiedOnce();
  });

  test('the service itself may be restarted in between', async () => {
    const ticket = await emulated.acr('staging', 'worker-staging').importer.begin(REQUEST, NEVER);
    await emulated.restart();
    await emulated.acr('staging', 'worker-staging').importer.finish(ticket, NEVER);
    await assertCopiedOnce();
  });

  test('an answer that got lost shows in the registry, and asking again changes nothing', async () => {
    emulated.emulator.faults.set({
      fault: 'reset',
      when: 'after',
      times: 1,
      match: { registry: 'arm', method: 'POST' },
    });
    const { importer, reader } = emulated.acr('staging', 'worker-staging');
    const error = await assertRefused(importer.begin(REQUEST, NEVER), 'registry-unreachable');
    assert.equal(error.retry, 'yes');
    while ((await reader.manifest('iam', { tag: '1.0.0' })) === undefined) assert.equal(imports('import-accepted'), 1);
    await importer.finish(await importer.begin(REQUEST, NEVER), NEVER);
    assert.equal(imports('import-completed'), 1);
  });

  test('the shown address of the operation does not let anybody read it', async () => {
    const ticket = await emulated.acr('staging', 'worker-staging').importer.begin(REQUEST, NEVER);
    assert.match(describeTicket(ticket), /\/operationResults\/[^?]+$/);
    assert.match(ticket, /operationResults\/[^?]+\?/, 'the ticket itself has the whole address');
  });
});
