/** A promotion of an image to which twenty others refer ÷ `crane` and `skopeo` copying the same bytes between the same two registries. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { DEFAULT_WORLD, type World } from '../../local/acr-emulator/index.ts';
import { openRegistry } from '../../local/stack/registry-session.ts';
import { type Stack, startStack } from '../../local/stack/start-stack.ts';
import { PIPELINE_HOST } from '../../local/stack/world.ts';
import { toolPath } from '../../local/tools/tool-path.ts';
import { releaseStatusQuery } from '../../src/contract/release-workflow.ts';
import { promotionId, releaseId } from '../../src/contract/workflow-ids.ts';
import type { Counts, Figure } from '../figures.ts';
import { emptyRegistry, PRODUCTION } from '../guide/production.ts';
import { intoProduction, promote, withoutApprovals } from '../guide/promotion.ts';
import { profileOf } from '../guide/profile.ts';
import { activitiesOf, type ActivityRun } from '../journey/releases.ts';
import { median } from '../statistics.ts';
import { timed } from '../timed.ts';

/** Nobody may push to production but this identity, which exists for the tools that copy by pushing. */
const COPIER = 'copier';
const WORLD: World = {
  ...DEFAULT_WORLD,
  identities: [
    ...DEFAULT_WORLD.identities,
    {
      name: COPIER,
      clientId: '00000000-0000-4000-8000-000000000199',
      objectId: '00000000-0000-4000-8000-000000000299',
    },
  ],
  assignments: [
    ...DEFAULT_WORLD.assignments,
    { identity: COPIER, role: 'Container Registry Repository Writer', registry: PRODUCTION.registry },
    { identity: COPIER, role: 'Container Registry Repository Reader', registry: 'onestreamstaging' },
  ],
};
const REFERRERS = 20;
/** About what an SBOM of a small service has. */
const BYTES = 50_000;
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const TOOLS = ['crane', 'skopeo'] as const;
type Tool = (typeof TOOLS)[number];

export async function measureReferrers(counts: Counts): Promise<readonly Figure[]> {
  const missing = TOOLS.filter((tool) => toolPath(tool) === undefined);
  if (missing.length > 0) {
    console.error(`referrers: skipped, ${missing.join(', ')} not installed (npm run setup)`);
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), 'sluice-referrers-'));
  const stack = await startStack({
    dir: join(folder, 'stack'),
    ports: 'free',
    cluster: 'simulated',
    workers: [],
    emulator: { world: WORLD },
  });
  try {
    withoutApprovals(stack.configFile);
    await Promise.all([stack.workers.nonproduction.start(), stack.workers.production.start()]);
    return await compare(stack, folder, counts.guide);
  } finally {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(stack: Stack, folder: string, rounds: number): Promise<readonly Figure[]> {
  const { version: staged, image } = await stack.push('v1');
  await pushReferrers(stack, image);
  const arrived = await stack.sluice(['start', 'iam', staged, '--until', 'staging', '--wait'], { user: 'bench' });
  if (arrived.code !== 0) throw new Error(`no release to staging: ${arrived.stderr}`);
  const beside = await besideIn(stack, image.digest);
  const env = await logIn(stack, folder);
  const connection = await Connection.connect({ address: stack.temporal.address });
  try {
    const client = new Client({ connection, namespace: stack.temporal.namespace });
    const { manifests } = await client.workflow.getHandle(releaseId('iam', staged)).query(releaseStatusQuery);
    const took: Record<'engine' | Tool, number[]> = { engine: [], crane: [], skopeo: [] };
    const runs: (readonly ActivityRun[])[] = [];
    // The first of each warms up.
    for (let round = 0; round <= rounds; round += 1) {
      const input = intoProduction(`${staged}-${round}`, image.digest, manifests);
      const engine = await timed(() => promote(client, input));
      const activities = await activitiesOf(client, promotionId('iam', input.version, 'production'));
      await emptyRegistry(stack);
      if (round > 0) took.engine.push(engine);
      if (round > 0) runs.push(activities);
      for (const tool of TOOLS) {
        const ms = await timed(() =>
          copyBy(tool, stack, env, [[`@${image.digest}`, `:${staged}-${tool}-${round}`], ...beside]),
        );
        await emptyRegistry(stack);
        if (round > 0) took[tool].push(ms);
      }
    }
    return [...figuresOf(took, beside.length + 1), profileOf('referrers', runs, took.engine)];
  } finally {
    await connection.close();
  }
}

function figuresOf(took: Readonly<Record<'engine' | Tool, readonly number[]>>, manifests: number): readonly Figure[] {
  const ms = { engine: median(took.engine), crane: median(took.crane), skopeo: median(took.skopeo) };
  const from = { engineMs: ms.engine, craneMs: ms.crane, skopeoMs: ms.skopeo };
  const rounded = Object.fromEntries(Object.entries(from).map(([name, value]) => [name, Math.round(value)]));
  return TOOLS.map((tool) => ({
    measurement: 'referrers',
    figure: `a whole promotion with ${REFERRERS} referrers ÷ ${tool} copying the same manifests one after another, median`,
    value: ms.engine / ms[tool],
    unit: '×',
    target: { atMost: 1 },
    from: { ...rounded, manifests, samples: took.engine.length },
  }));
}

/** What follows the repository, where it is and where it goes: `@sha256:…` or `:tag`. */
type Copy = readonly [from: string, to: string];

/** As a script would, one after another: the image under its version, then each manifest by its digest or its tag. */
async function copyBy(
  tool: Tool,
  { emulator }: Stack,
  env: Readonly<Record<string, string>>,
  copies: readonly Copy[],
): Promise<void> {
  const repository = (registry: string): string =>
    `${tool === 'skopeo' ? 'docker://' : ''}${emulator.registries[registry]?.loginServer}/iam`;
  const how = tool === 'skopeo' ? ['copy', '--all', '--preserve-digests'] : ['copy'];
  for (const [from, to] of copies) {
    const args = [...how, `${repository('onestreamstaging')}${from}`, `${repository(PRODUCTION.registry)}${to}`];
    await promisify(execFile)(toolPath(tool) ?? '', args, { env, timeout: 120_000 });
  }
}

async function logIn({ emulator }: Stack, folder: string): Promise<Readonly<Record<string, string>>> {
  const { clientId = '', secret = '' } = emulator.servicePrincipals[COPIER] ?? {};
  const auth = Buffer.from(`${clientId}:${secret}`).toString('base64');
  const servers = ['onestreamstaging', PRODUCTION.registry].map((name) => emulator.registries[name]?.loginServer ?? '');
  mkdirSync(join(folder, '.config', 'containers'), { recursive: true });
  // The trust policy that skopeo's package would install; without one it does nothing.
  const policy = JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] });
  writeFileSync(join(folder, '.config', 'containers', 'policy.json'), policy);
  writeFileSync(
    join(folder, 'config.json'),
    JSON.stringify({ auths: Object.fromEntries(servers.map((one) => [one, { auth }])) }),
  );
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    DOCKER_CONFIG: folder,
    REGISTRY_AUTH_FILE: join(folder, 'config.json'),
    SSL_CERT_FILE: emulator.caFile,
  };
}

interface Subject {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Nobody trusts them, and they travel all the same. */
async function pushReferrers({ emulator }: Stack, { digest, mediaType, bytes }: Subject): Promise<void> {
  const scope = 'repository:iam:pull,push';
  const session = await openRegistry(emulator, { registry: 'onestreamdev', host: PIPELINE_HOST, scope });
  const put = async (path: string, type: string, body: Uint8Array): Promise<void> => {
    const answer = await session.request(path, { method: 'PUT', body, headers: { 'content-type': type } });
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  const pushBlob = async (content: Uint8Array): Promise<{ digest: string; size: number }> => {
    const begun = await session.request('/v2/iam/blobs/uploads/', { method: 'POST' });
    await put(`${begun.headers.get('location')}&digest=${sha256(content)}`, 'application/octet-stream', content);
    return { digest: sha256(content), size: content.byteLength };
  };
  try {
    const config = { mediaType: 'application/vnd.oci.empty.v1+json', ...(await pushBlob(Buffer.from('{}'))) };
    for (let count = 0; count < REFERRERS; count += 1) {
      const layer = { mediaType: 'application/spdx+json', ...(await pushBlob(randomBytes(BYTES))) };
      const subject = { mediaType, digest, size: bytes.byteLength };
      const artefact = { schemaVersion: 2, mediaType: OCI_MANIFEST, artifactType: 'application/spdx+json' };
      const manifest = Buffer.from(JSON.stringify({ ...artefact, config, layers: [layer], subject }));
      await put(`/v2/iam/manifests/${sha256(manifest)}`, OCI_MANIFEST, manifest);
    }
  } finally {
    await session.close();
  }
}

/** What has arrived in staging: referrers by digest, the image's own signatures and manifests among them, and signatures by tag. */
async function besideIn({ emulator }: Stack, digest: string): Promise<readonly Copy[]> {
  const scope = 'repository:iam:pull';
  const visitor = { registry: 'onestreamstaging', host: 'nodes', clientId: kubeletOf('kubelet-staging'), scope };
  const session = await openRegistry(emulator, visitor);
  try {
    const read = async (path: string) => (await session.request(path)).json();
    const { manifests } = (await read(`/v2/iam/referrers/${digest}?n=1000`)) as { manifests: { digest: string }[] };
    const { tags } = (await read('/v2/iam/tags/list')) as { tags: string[] };
    const byTag = tags.filter((tag) => tag.startsWith('sha256-')).map((tag) => `:${tag}`);
    return [...manifests.map((one) => `@${one.digest}`), ...byTag].map((one) => [one, one]);
  } finally {
    await session.close();
  }
}

function kubeletOf(name: string): string {
  return WORLD.identities.find((one) => one.name === name)?.clientId ?? '';
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
