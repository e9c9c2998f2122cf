/** Shadow mode on real parts: API servers, registries, Temporal, two workers. What went over the wires is read from the servers' own logs. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Client, Connection } from '@temporalio/client';
import { EXAMPLE_MANIFESTS, type Example } from '../../../examples/images.ts';
import { type KubeApi, kubeApi, MERGE, readKubeconfig } from '../../../local/control-plane/kube-api.ts';
import type { CommandResult } from '../../../local/stack/sluice-command.ts';
import { type Stack, startStack } from '../../../local/stack/start-stack.ts';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { until } from '../../../local/tools/until.ts';
import type { ListedRelease } from '../../../src/client/index.ts';
import type { ObservationResult, ObservedEnvironment } from '../../../src/contract/observation-workflow.ts';
import type { StepName } from '../../../src/domain/step.ts';

const missing = (['temporal', 'control-plane'] as const).filter((tool) => toolPath(tool) === undefined);
const skip = missing.length > 0 && !process.env['CI'] && `${missing.join(', ')} not installed: npm run setup`;

const NAMESPACES = { dev: 'iam-dev', staging: 'iam-staging', production: 'iam' } as const;
type Name = keyof typeof NAMESPACES;

interface Observed {
  readonly exit: number;
  readonly result: ObservationResult;
  readonly text: string;
}

describe('when a release is only observed', { skip }, () => {
  let stack: Stack;
  let good: Example;
  let folder: string;
  let client: Client;
  const apis: Partial<Record<Name, KubeApi>> = {};

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-observing-'));
    stack = await startStack({ dir: folder, ports: 'free', cluster: 'real', emulator: { accessLog: true } });
    good = await stack.push('v1');
    for (const name of Object.keys(NAMESPACES) as Name[])
      apis[name] = kubeApi(readKubeconfig(stack.clusters.adminKubeconfigs[name] ?? ''));
    const connection = await Connection.connect({ address: stack.temporal.address });
    client = new Client({ connection, namespace: stack.temporal.namespace });
  });
  after(async () => {
    for (const api of Object.values(apis)) api.close();
    await client?.connection.close();
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (version: string, ...args: string[]): Promise<CommandResult> =>
    stack.sluice(['start', 'iam', version, ...args]);
  const observe = async (version: string, ...args: string[]): Promise<Observed> => {
    const { code, stdout, stderr } = await start(version, '--observe', '--json', ...args);
    assert.ok(stdout.startsWith('{'), `${code} ${stdout} ${stderr}`);
    return { exit: code, result: JSON.parse(stdout) as ObservationResult, text: stdout + stderr };
  };
  const inEnvironment = ({ result }: Observed, name: Name): ObservedEnvironment => {
    const found = result.environments.find((one) => one.environment === name);
    assert.ok(found, JSON.stringify(result));
    return found;
  };
  const step = (observed: Observed, name: Name, wanted: StepName) => {
    const found = inEnvironment(observed, name).steps.find((one) => one.step === wanted);
    assert.ok(found, JSON.stringify(observed.result));
    return found;
  };

  /** Everything that changed something, or tried to: at the registries, at the API servers, in Temporal. */
  const writes = async (): Promise<readonly string[]> => {
    const registries = lines(join(folder, 'emulator', 'access.jsonl'))
      .filter((one) => !['GET', 'HEAD'].includes(String(one['method'])))
      // asking for a token changes nothing
      .filter((one) => !/^\/oauth2\/(?:exchange|token)$|\/token$/.test(String(one['path'])))
      .map((one) => `${one['registry']} ${one['identity']} ${one['method']} ${one['path']}`);
    const clusters = Object.values(stack.clusters.auditLogs)
      .flatMap((file) => lines(file))
      .map((one) => `${one['verb']} ${one['requestURI']}`)
      .filter((one) => !/[?&]dryRun=All(?:&|$)/.test(one));
    const runs: string[] = [];
    for await (const { type, workflowId } of client.workflow.list()) if (type !== 'observation') runs.push(workflowId);
    return [...registries, ...clusters, ...runs];
  };
  /** What environments remember lies in config maps of their namespaces. */
  const remembered = async (): Promise<readonly string[]> => {
    const found = await Promise.all(
      (Object.keys(NAMESPACES) as Name[]).map(async (name) => {
        const path = `/api/v1/namespaces/${NAMESPACES[name]}/configmaps`;
        const { items } = await api(name).get<{ items: readonly { metadata: Readonly<Record<string, string>> }[] }>(
          path,
        );
        return items.map(({ metadata }) => `${name} ${metadata['name']} ${metadata['resourceVersion']}`);
      }),
    );
    return found.flat();
  };
  const api = (name: Name): KubeApi => {
    const found = apis[name];
    assert.ok(found);
    return found;
  };
  const withoutWriting = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    const [wrote, memory, effects] = [await writes(), await remembered(), stack.emulator.effects().length];
    const answer = await work();
    assert.deepEqual(await writes(), wrote);
    assert.deepEqual(await remembered(), memory);
    assert.equal(stack.emulator.effects().length, effects);
    return answer;
  };

  test('a good version goes the whole journey, waits for nobody, and nothing is written anywhere', async () => {
    const summary = join(folder, 'summary.md');
    const observed = await withoutWriting(() => observe(good.version, '--summary', summary));
    const { result } = observed;
    assert.deepEqual([observed.exit, result.verdict, result.image?.digest], [0, 'would-wait', good.image.digest]);
    assert.deepEqual(
      result.environments.map(({ environment, verdict }) => [environment, verdict]),
      [
        ['dev', 'would-be-released'],
        ['staging', 'would-be-released'],
        ['production', 'would-wait'],
      ],
    );
    assert.match(step(observed, 'production', 'approval').says, /2 of release-managers/);
    for (const name of Object.keys(NAMESPACES) as Name[]) {
      assert.equal(step(observed, name, 'apply-manifests').answer, 'yes');
      assert.equal(step(observed, name, 'pullable').answer, 'yes');
      assert.equal(inEnvironment(observed, name).live?.digest, 'nothing');
    }
    assert.match(step(observed, 'staging', 'import').says, /would import .* serves it/);
    // its workers may not read dev: whoever may has held the image against production's rules
    assert.match(step(observed, 'production', 'import').says, /does not have it yet/);
    assert.match(step(observed, 'production', 'verify-source').says, /signed by .*record of staging would be made/);
    const page = readFileSync(summary, 'utf8');
    assert.match(page, /would be released, after some waiting \(observed\)/);
    assert.match(page, /\| staging \| would be released \|/);
    // nor were the manifests published for it
    assert.ok(!stack.emulator.effects().some((one) => one.digest === result.manifests));
    // the dry runs were real ones
    const tried = Object.values(stack.clusters.auditLogs).flatMap((file) => lines(file));
    assert.ok(tried.some((one) => /namespaces\/iam\/deployments\/iam\?.*dryRun=All/.test(String(one['requestURI']))));
  });

  test('an unsigned version would be refused, with the code and the exit code of the refusal', async () => {
    const unsigned = await stack.push('unsigned');
    const observed = await withoutWriting(() => observe(unsigned.version));
    assert.deepEqual([observed.exit, observed.result.verdict], [3, 'would-be-refused']);
    assert.equal(observed.result.refusal?.code, 'signature-missing');
    assert.ok(observed.result.refusal?.remedy);
    assert.equal(step(observed, 'dev', 'verify-source').answer, 'no');
    // what else would be wrong is seen in the same run
    assert.equal(step(observed, 'dev', 'apply-manifests').answer, 'yes');
  });

  test('manifests that the API server does not take would be refused, and the others go on being looked at', async () => {
    const own = configured((manifests) => {
      const file = join(manifests, 'staging', 'deployment.yaml');
      writeFileSync(file, readFileSync(file, 'utf8').replace('replicas: ', 'replicaz: 1\n  replicas: '));
    });
    const observed = await withoutWriting(() => observe(good.version, '--config', own));
    assert.deepEqual([observed.exit, observed.result.verdict], [3, 'would-be-refused']);
    assert.equal(observed.result.refusal?.code, 'manifest-rejected');
    assert.match(observed.result.reason, /^staging: /);
    assert.equal(step(observed, 'staging', 'apply-manifests').answer, 'no');
    assert.equal(step(observed, 'production', 'apply-manifests').answer, 'yes');
  });

  test('the values of a Secret go into no history, and the Secret is tried all the same', async () => {
    const value = 'hunter2-of-the-observation';
    const own = configured((manifests) =>
      writeFileSync(
        join(manifests, 'dev', 'secret.yaml'),
        `apiVersion: v1\nkind: Secret\nmetadata:\n  name: iam\nstringData:\n  password: ${value}\n`,
      ),
    );
    const observed = await observe(good.version, '--config', own, '--until', 'dev');
    const { workflowId, runId } = observed.result;
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const input = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    const { files } = JSON.parse(Buffer.from(input ?? []).toString()) as { files: string };
    const tar = gunzipSync(Buffer.from(files, 'base64')).toString('latin1');
    assert.match(tar, /kind: Secret/);
    assert.doesNotMatch(tar, new RegExp(`${value}|${Buffer.from(value).toString('base64')}`));
    assert.match(JSON.stringify(observed.result), /takes all 4 objects|Secret/i);
  });

  test('what the other pipeline has deployed is compared: the same image by a tag, then another version', async () => {
    const host = stack.emulator.registries['onestreamdev']?.loginServer ?? '';
    await legacyDeploys('dev', `${host}/iam:${good.version}`);
    const same = await withoutWriting(() => observe(good.version, '--until', 'dev'));
    const { live } = inEnvironment(same, 'dev');
    assert.deepEqual([live?.digest, live?.digests], ['same', [good.image.digest]], JSON.stringify(live));
    const second = await stack.push('v2');
    const other = await observe(second.version, '--until', 'dev');
    assert.equal(inEnvironment(other, 'dev').live?.digest, 'other');
    assert.match(inEnvironment(other, 'dev').live?.says ?? '', /Sluice would have brought/);
    assert.equal(other.exit, 0);
  });

  test('a right that the workers lack is what somebody would have to mend', async () => {
    const roles = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACES.staging}/roles`;
    const { items } = await api('staging').get<{ items: readonly Role[] }>(roles);
    for (const { metadata, rules } of items) {
      const left = rules.map((rule) =>
        rule.resources.includes('deployments')
          ? { ...rule, verbs: rule.verbs.filter((verb) => verb !== 'patch') }
          : rule,
      );
      await api('staging').patch(`${roles}/${metadata.name}`, { rules: left }, MERGE);
    }
    const observed = await until(
      async () => {
        const seen = await observe(good.version);
        return step(seen, 'staging', 'apply-manifests').answer === 'yes' ? undefined : seen;
      },
      { what: 'the right to be gone', timeoutMs: 120_000 },
    );
    assert.deepEqual([observed.exit, observed.result.verdict], [10, 'would-need-attention']);
    const { refusal } = inEnvironment(observed, 'staging');
    assert.equal(refusal?.code, 'cluster-forbidden');
    assert.match(refusal?.remedy ?? '', /deployments/);
    for (const { metadata, rules } of items) await api('staging').patch(`${roles}/${metadata.name}`, { rules }, MERGE);
  });

  test('observing again is a new run, and a release of the same version afterwards knows nothing of it', async () => {
    const memory = (await remembered()).length;
    const again = () => observe(good.version, '--until', 'dev');
    const [first, second] = [await again(), await again()];
    assert.equal(first.result.workflowId, second.result.workflowId);
    assert.notEqual(first.result.runId, second.result.runId);
    const listed = await stack.sluice(['list', '--json']);
    assert.deepEqual(JSON.parse(listed.stdout), []);
    const board = await stack.sluice(['board', '--json']);
    assert.deepEqual(JSON.parse(board.stdout), []);
    const observations = await stack.sluice(['list', '--observations', '--outcome', 'would-be-refused', '--json']);
    const refused = JSON.parse(observations.stdout) as readonly ListedRelease[];
    assert.ok(refused.length >= 2 && refused.every((one) => one.observation === true), observations.stdout);
    const last = await stack.sluice(['status', 'iam', good.version, '--observation', '--json']);
    assert.equal((JSON.parse(last.stdout) as ObservationResult).runId, second.result.runId);
    const { code, stderr } = await start(good.version, '--until', 'dev', '--wait');
    assert.equal(code, 0, stderr);
    // what was looked for all the while is there when something is done
    const done = (await writes()).join('\n');
    for (const one of [/PUT \/v2\/iam\/manifests/, /patch .*deployments\/iam/, /^release\/iam\//m])
      assert.match(done, one);
    assert.notEqual((await remembered()).length, memory);
    const after = await again();
    assert.equal(inEnvironment(after, 'dev').live?.digest, 'same');
    assert.equal(inEnvironment(after, 'dev').replaces, good.version);
  });

  interface Role {
    readonly metadata: { readonly name: string };
    readonly rules: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
  }

  /** The stack's own configuration with manifests of this test's. */
  function configured(change: (manifests: string) => void): string {
    const own = mkdtempSync(join(folder, 'own-'));
    const manifests = join(own, 'iam');
    const examples = fileURLToPath(EXAMPLE_MANIFESTS);
    cpSync(examples, manifests, { recursive: true });
    change(manifests);
    const file = join(own, 'sluice.yaml');
    writeFileSync(file, readFileSync(stack.configFile, 'utf8').replace(examples, manifests));
    return file;
  }

  /** As kubectl would, in a namespace that Sluice has never been in. */
  async function legacyDeploys(name: Name, image: string): Promise<void> {
    const namespace = NAMESPACES[name];
    const labels = { 'app.kubernetes.io/name': 'iam' };
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await api(name).create(path, {
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'iam', labels } },
      spec: {
        ...{ replicas: 1, selector: { matchLabels: labels } },
        template: { metadata: { labels }, spec: { containers: [{ name: 'iam', image }] } },
      },
    });
    await until(
      async () => {
        const { status } = await api(name).get<{ status: { readyReplicas?: number } }>(`${path}/iam`);
        return status.readyReplicas === 1 ? true : undefined;
      },
      { what: 'the legacy deployment to be ready', timeoutMs: 120_000 },
    );
  }
});

function lines(file: string): readonly Readonly<Record<string, unknown>>[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}
