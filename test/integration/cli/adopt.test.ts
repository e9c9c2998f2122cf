/**
 * `sluice adopt` as a platform team runs it, on the local stack: a real API server where kubectl has deployed the service, a real Temporal
 * server and the registry emulator; then a release over it, and back.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { EXAMPLE_MANIFESTS } from '../../../examples/images.ts';
import { type CommandResult } from '../../../local/stack/sluice-command.ts';
import { type Stack, startStack } from '../../../local/stack/start-stack.ts';
import { ENVIRONMENTS } from '../../../local/stack/world.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import type { AdoptionReport, AdoptionResult } from '../../../src/contract/adoption-workflow.ts';
import { kubectl } from '../deploy/support/kubectl.ts';

const missing = (['temporal', 'control-plane'] as const).filter((tool) => toolPath(tool) === undefined);
const skip = missing.length > 0 && !process.env['CI'] && `${missing.join(', ')} not installed: npm run setup`;

const HERE = 'dev';
const PLACE = ENVIRONMENTS.find(({ name }) => name === HERE) ?? assert.fail();
const EXAMPLES = join(fileURLToPath(EXAMPLE_MANIFESTS), HERE);
const KINDS = 'deployments,replicasets,pods,services,configmaps';

interface Listed {
  readonly items: readonly {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly generation?: number };
  }[];
}

describe('when kubectl has deployed a service before there was Sluice', { skip, timeout: 600_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-adopt-'));
  let stack: Stack;
  let old: Awaited<ReturnType<Stack['push']>>;
  const kube = async (args: readonly string[], input = ''): Promise<string> => {
    const admin = ['--kubeconfig', stack.clusters.adminKubeconfigs[HERE] ?? '', '--namespace', PLACE.namespace];
    const { code, out, err } = await kubectl([...admin, ...args], input, dir);
    assert.equal(code, 0, err);
    return out;
  };
  /** All objects but those in which the environment itself remembers. */
  const standing = async (): Promise<readonly string[]> => {
    const { items } = JSON.parse(await kube(['get', KINDS, '-o', 'json'])) as Listed;
    return items
      .filter(({ metadata }) => !metadata.name.startsWith('sluice-'))
      .map(
        ({ kind, metadata: { name, resourceVersion, generation = 0 } }) =>
          `${kind}/${name} ${resourceVersion} ${generation}`,
      );
  };
  const sluice = (...args: readonly string[]): Promise<CommandResult> => stack.sluice(args, { user: 'grace' });
  const json = async <Value>(...args: readonly string[]): Promise<Value> => {
    const { stdout, stderr } = await sluice(...args, '--json');
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout) as Value;
  };

  before(async () => {
    stack = await startStack({ dir, ports: 'free', cluster: 'real' });
    old = await stack.push('v1');
    const registry = stack.emulator.registries[PLACE.registry]?.loginServer ?? '';
    const files = readdirSync(EXAMPLES).map((file) => readFileSync(join(EXAMPLES, file), 'utf8'));
    const text = files.join('\n---\n').replaceAll(/image: iam\b.*$/gm, `image: ${registry}/iam:${old.version}`);
    await kube(['apply', '-f', '-'], text);
    await kube(['rollout', 'status', 'deployment/iam', '--timeout=120s']);
  });
  after(async () => {
    await stack?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test('from what kubectl has recorded a draft is written that states what was deployed, and nothing that is there is written over', async () => {
    const live = join(dir, 'live.json');
    const folder = join(dir, 'draft');
    writeFileSync(live, await kube(['get', `${KINDS},secrets`, '-o', 'json']));
    const draft = ['adopt', 'iam', '--environment', HERE, '--live', live, '--write', folder];
    const { code, stdout, stderr } = await sluice(...draft);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /then restart the workers/);
    const entry = parse(readFileSync(join(folder, 'sluice.entry.yaml'), 'utf8')) as { services: { iam: object } };
    assert.deepEqual(entry.services.iam, {
      ...{ repository: 'iam', manifests: 'manifests/iam', namespace: { [HERE]: PLACE.namespace } },
      workloads: ['deployment/iam'],
    });
    const drafted = (kind: string): unknown =>
      parse(readFileSync(join(folder, `manifests/iam/${HERE}/${kind}-iam.yaml`), 'utf8'));
    const own = (file: string): unknown => parse(readFileSync(join(EXAMPLES, file), 'utf8'));
    for (const kind of ['configmap', 'deployment', 'service'])
      assert.deepEqual(drafted(kind), own(`${kind}.yaml`), kind);
    const again = await sluice(...draft);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /already there: .*sluice\.entry\.yaml/);
  });

  test('it says what runs and that the manifests are missing, and changes nothing', async () => {
    const before = await standing();
    const { code, stdout, stderr } = await sluice('adopt', 'iam', '--environment', HERE);
    assert.equal(code, 10, stderr);
    assert.match(stdout, new RegExp(`image +iam@${old.image.digest}`));
    assert.match(stdout, new RegExp(`version +${old.version.replaceAll('.', String.raw`\.`)}`));
    assert.match(stdout, /missing:\n {2}manifests: its manifests are not published/);
    assert.match(stdout, /names its image by a tag/);
    assert.deepEqual(await standing(), before);
  });

  test('with the manifests beside the image it says what a roll-back would change', async () => {
    const before = await standing();
    const report = await json<AdoptionReport>('adopt', 'iam', '--environment', HERE, '--publish');
    assert.deepEqual(
      report.points.filter(({ blocks }) => blocks),
      [],
    );
    const [differs] = report.points.filter(({ part }) => part === 'differences');
    assert.match(differs?.message ?? '', /deployment\/iam differs .*: a roll-back changes it/);
    assert.match(differs?.got ?? '', new RegExp(`image: "[^"]+:${old.version}" → "[^"]+@${old.image.digest}"`));
    assert.deepEqual(await standing(), before);
  });

  test('it is adopted without a change to any object, and comes back after the next release', async () => {
    const before = await standing();
    const adopted = await json<AdoptionResult>('adopt', 'iam', '--environment', HERE, '--yes', '--reason', 'wave 1');
    assert.equal(adopted.outcome, 'adopted');
    assert.deepEqual(await standing(), before);

    const { version } = await stack.push('v2');
    const released = await sluice('start', 'iam', version, '--until', HERE, '--wait');
    assert.equal(released.code, 0, released.stderr + released.stdout);
    assert.notDeepEqual(await standing(), before);
    const back = await sluice('rollback', 'iam', '--environment', HERE, '--reason', 'rehearsed', '--wait');
    assert.equal(back.code, 0, back.stderr + back.stdout);
    const images = '{.items[*].spec.containers[*].image} {.items[*].status.containerStatuses[*].imageID}';
    const running = await kube(['get', 'pods', '-o', `jsonpath=${images}`]);
    const named = running.trim().split(/\s+/);
    assert.ok(named.length > 0 && named.every((one) => one.endsWith(`@${old.image.digest}`)), running);
  });

  test('the trail says who has adopted it, why, and has no gap', async () => {
    const { entries } = await json<{
      entries: readonly { what: string; who: string; why?: string; version?: string }[];
    }>('audit', '--what', 'adopt');
    assert.deepEqual(
      entries.map(({ who, why }) => [who, why]),
      [['grace', 'wave 1']],
    );
  });
});
