import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { until } from '../../../local/tools/until.ts';
import { checkout } from '../../../local/tools/place.mjs';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { type ObservedStack, startObservedStack } from '../../support/telemetry/observed-stack.ts';
import { type Prometheus, startPrometheus } from '../../support/telemetry/prometheus.ts';
import { firing, type Scrape } from '../../support/telemetry/rules-in-time.ts';

const missing = (['temporal', 'promtool'] as const).filter((tool) => toolPath(tool) === undefined);
const skip = missing.length > 0 && !process.env['CI'] && `${missing.join(', ')} not installed: npm run setup`;
const RULES = join(checkout, 'deploy', 'monitoring', 'prometheus', 'alerts.yml');
const { groups } = parse(readFileSync(RULES, 'utf8')) as { groups: { rules: { alert: string }[] }[] };
const ALERTS = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));

/** By rule: where its condition was seen, and for how long it has to last. */
const CONDITIONS: Readonly<Record<string, { readonly seen: string; readonly minutes: number }>> = {
  SluicePromotionFailed: { seen: 'refused', minutes: 20 },
  SluiceUnsignedImage: { seen: 'refused', minutes: 20 },
  SluiceDeploymentFailed: { seen: 'rolled back', minutes: 20 },
  SluiceReleaseStuck: { seen: 'import hangs', minutes: 180 },
  SluiceReleaseWaitsLong: { seen: 'import hangs', minutes: 5 * 24 * 60 },
  SluicePromotionParked: { seen: 'parked', minutes: 20 },
  SluiceUndoFailing: { seen: 'undo fails', minutes: 20 },
  SluiceUnusualRegistryAccess: { seen: 'parked', minutes: 20 },
  SluiceRegistryOrClusterDown: { seen: 'registry down', minutes: 60 },
  SluiceWebhookDead: { seen: 'webhook dead', minutes: 60 },
  SluiceTrustExpires: { seen: 'trust expires', minutes: 20 },
  SluiceWorkerDown: { seen: 'worker killed', minutes: 20 },
  SluiceTemporalDown: { seen: 'temporal stopped', minutes: 20 },
};

const AT_ONCE = [
  'SluicePromotionFailed',
  'SluiceUnsignedImage',
  'SluiceDeploymentFailed',
  'SluiceUnusualRegistryAccess',
];

/** Its condition takes a day: `promtool` tries it with samples that were written down, below. */
const WRITTEN = ['SluiceNotificationGivenUp'];

describe('each alert rule fires in a real condition of the local stack', { skip, timeout: 900_000 }, () => {
  let observed: ObservedStack | undefined;
  const seen = new Map<string, readonly [Scrape, Scrape]>();
  let well: Scrape;
  let prometheus: Prometheus | undefined;
  let problems: readonly string[];
  before(async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-alerts-'));
    const begun = await startObservedStack({ dir });
    observed = begun;
    const targets = Object.values(begun.scrapeAddresses);
    const promtool = toolPath('promtool') ?? 'promtool';
    const server = await startPrometheus({ promtool, rules: RULES, targets, dir });
    prometheus = server;
    well = await createConditions(begun, seen, async () => {
      problems = await server.problems();
    });
  });
  after(async () => {
    await prometheus?.stop();
    await observed?.stop();
  });

  test('a real Prometheus scrapes the workers and evaluates every rule, without an error', () => {
    assert.deepEqual(problems, []);
  });

  test('a real Prometheus has fired those that wait for nothing', async () => {
    const fired = (await prometheus?.fired()) ?? [];
    for (const alert of AT_ONCE) assert.ok(fired.includes(alert), `${alert}; fired: ${fired.join(', ')}`);
  });

  for (const alert of ALERTS.filter((one) => !WRITTEN.includes(one))) {
    test(`${alert} is silent while all is well, and fires`, () => {
      const { seen: where, minutes } = CONDITIONS[alert] ?? { seen: 'nowhere', minutes: 0 };
      const ill = seen.get(where);
      assert.ok(ill !== undefined, `${alert} has no condition`);
      const tools = { rules: RULES, promtool: toolPath('promtool') ?? 'promtool', minutes };
      assert.deepEqual(firing(alert, tools, { well, ill }), { silentBefore: true, fires: true });
    });
  }

  test('SluiceNotificationGivenUp fires for a delivery that was given up, and for none that arrived', () => {
    const labels = { sluice_receiver: 'ops' };
    const name = 'sluice_notification_deliveries_total';
    const scrape = (delivered: string): Scrape => ({
      atMs: 0,
      samples: [{ name, labels: { ...labels, sluice_delivered: delivered }, value: 1 }],
    });
    const tools = { rules: RULES, promtool: toolPath('promtool') ?? 'promtool', minutes: 20 };
    const course = (delivered: string) => ({
      well: { atMs: 0, samples: [] },
      ill: [scrape(delivered), scrape(delivered)] as const,
    });
    assert.equal(firing('SluiceNotificationGivenUp', tools, course('no')).fires, true);
    assert.equal(firing('SluiceNotificationGivenUp', tools, course('yes')).fires, false);
  });
});

/** Brings about everything that rules are about, one after the other. Resolves to how it looked before. */
async function createConditions(
  observed: ObservedStack,
  seen: Map<string, readonly [Scrape, Scrape]>,
  beforeTheEnd: () => Promise<void>,
): Promise<Scrape> {
  const { stack, untilSeen } = observed;
  const { faults } = stack.emulator;
  const sluice = async (...args: readonly string[]): Promise<number> => {
    const { code, stderr } = await stack.sluice(args, { host: 'pipeline', user: 'build-pipeline' });
    if (code !== 0 && !args.includes('--wait')) throw new Error(`sluice ${args.join(' ')}: ${stderr}`);
    return code;
  };
  const scrape = async (): Promise<Scrape> => ({ atMs: Date.now(), samples: await observed.scrape() });
  const once = async (what: string): Promise<void> => {
    const one = await scrape();
    seen.set(what, [one, one]);
  };

  const growing = async (what: string, name: string, labels: Readonly<Record<string, string>>): Promise<void> => {
    const { value } = await untilSeen(name, labels);
    const one = await scrape();
    await untilSeen(name, labels, (later) => later > value);
    seen.set(what, [one, await scrape()]);
  };
  // well: it waits for people in production, as it should
  const first = await stack.push('v1');
  assert.equal(await sluice('start', 'iam', first.version), 0);
  await untilSeen('sluice_promotion_open', { sluice_standing: 'approval', sluice_environment: 'production' });
  const well = await scrape();

  const unsigned = await stack.push('unsigned');
  assert.notEqual(await sluice('start', 'iam', unsigned.version, '--wait'), 0);
  await untilSeen('sluice_step_failures_total', { sluice_code: 'signature-missing' });
  await untilSeen('sluice_promotion_ended_total', { sluice_outcome: 'refused' });
  await once('refused');

  observed.failHealth(1);
  const second = await stack.push('v2');
  assert.notEqual(await sluice('start', 'iam', second.version, '--until', 'dev', '--wait'), 0);
  await untilSeen('sluice_promotion_ended_total', { sluice_outcome: 'rolled-back', sluice_environment: 'dev' });
  await once('rolled back');

  // the same image under another version: its copy into staging hangs
  faults.set({ fault: 'import-hangs', match: { registry: 'onestreamstaging' } });
  const image = `iam@${second.image.digest}`;
  assert.equal(await sluice('start', 'iam', 'hanging-1', '--image', image, '--until', 'staging'), 0);
  await untilSeen('sluice_promotion_oldest_seconds', { sluice_standing: 'none', sluice_environment: 'staging' });
  await once('import hangs');
  faults.clear();

  faults.set({ fault: 'status', status: 503, match: { registry: 'onestreamstaging' } });
  assert.equal(await sluice('start', 'iam', 'lost-1', '--image', image, '--until', 'staging'), 0);
  await growing('registry down', 'sluice_activity_attempts_total', {
    sluice_code: 'registry-failing',
    sluice_environment: 'staging',
  });
  faults.clear();

  faults.set({ fault: 'status', status: 403, match: { registry: 'onestreamdev', path: '/blobs/' } });
  assert.equal(await sluice('start', 'iam', 'parked-1', '--image', image, '--until', 'dev'), 0);
  await untilSeen('sluice_promotion_open', { sluice_standing: 'attention', sluice_environment: 'dev' });
  await once('parked');
  faults.clear();

  // its step is tried again, its service is not well, nor is the one before
  observed.failHealth(1_000_000);
  assert.equal(await sluice('retry', 'iam', 'parked-1', '--environment', 'dev'), 0);
  await untilSeen('sluice_promotion_open', { sluice_standing: 'undo', sluice_environment: 'dev' });
  await once('undo fails');

  await growing('webhook dead', 'sluice_activity_attempts_total', {
    sluice_activity: 'notify',
    sluice_code: 'notification-unreachable',
  });
  const soon = await scrape();
  const month = { ...soon, atMs: Date.parse('2098-12-25T00:00:00Z') };
  seen.set('trust expires', [month, month]);

  const up = (production: number): Scrape => ({
    ...soon,
    samples: [{ name: 'up', labels: { job: 'sluice-worker', instance: 'production' }, value: production }],
  });
  await beforeTheEnd();
  await observed.workers.production.kill();
  const answers = await fetch(`http://${observed.scrapeAddresses.production}/metrics`).then(
    () => 1,
    () => 0,
  );
  seen.set('worker killed', [up(answers), up(answers)]);

  await stack.temporal.stop();
  const { logFile } = observed.workers.nonproduction;
  const isLost = async (): Promise<boolean> => readFileSync(logFile, 'utf8').includes('what is open cannot be read');
  await until(isLost, { what: `the engine has noticed (${logFile})`, timeoutMs: 180_000 });
  const alone = async (): Promise<Scrape> => ({ atMs: Date.now(), samples: await observed.scrape('nonproduction') });
  seen.set('temporal stopped', [await alone(), await alone()]);
  return well;
}
