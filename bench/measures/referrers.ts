/** A promotion of an image to which twenty others refer ÷ `crane` and `skopeo` copying the same bytes between the same two registries. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DEFAULT_WORLD, type World } from '../../local/acr-emulator/index.ts';
import { openRegistry } from '../../local/stack/registry-session.ts';
import type { Stack } from '../../local/stack/start-stack.ts';
import { PIPELINE_HOST } from '../../local/stack/world.ts';
import { toolPath } from '../../local/tools/tool-path.ts';
import { promotionId } from '../../src/contract/workflow-ids.ts';
import type { Counts, Figure } from '../figures.ts';
import { hasTools, type OpenedStack, releaseToStaging, withStack } from '../guide/opened-stack.ts';
import { emptyRegistry, PRODUCTION } from '../guide/production.ts';
import { profileOf, tookBy } from '../guide/profile.ts';
import { intoProduction, promote } from '../guide/promotion.ts';
import { type Asked, askedSince, logged, questionsOf } from '../guide/questions.ts';
import { activitiesOf, type ActivityRun } from '../journey/releases.ts';
import { median, sum } from '../statistics.ts';
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

/** The activities that bring the image and what refers to it, each copy found again before it is believed. */
const COPYING = ['importImage', 'copySignatures'] as const;

export async function measureReferrers(counts: Counts): Promise<readonly Figure[]> {
  if (!hasTools('referrers', TOOLS, 'npm run setup')) return [];
  const options = { cluster: 'simulated', emulator: { world: WORLD, accessLog: true } } as const;
  return withStack('referrers', options, (opened) => compare(opened, counts.guide));
}

/** What each of them took, in milliseconds: all of a promotion, the copying within it, each tool. */
type Took = Record<'engine' | 'copying' | Tool, number[]>;

async function compare(opened: OpenedStack, rounds: number): Promise<readonly Figure[]> {
  const { stack, folder, client } = opened;
  const staging = await releaseToStaging(opened, (pushed) => pushReferrers(stack, pushed));
  const { version: staged, image, manifests } = staging;
  const env = await logIn(stack, folder);
  const took: Took = { engine: [], copying: [], crane: [], skopeo: [] };
  const runs: (readonly ActivityRun[])[] = [];
  let asked: Asked = {};
  let beside: readonly Copy[] = [];
  // The first of each warms up.
  for (let round = 0; round <= rounds; round += 1) {
    const input = intoProduction(`${staged}-${round}`, image.digest, manifests);
    const before = logged(stack);
    const engine = await timed(() => promote(client, input));
    asked = askedSince(stack, before);
    beside = await besideIn(stack, image.digest);
    if (asked['importsAsked'] !== beside.length + 1)
      throw new Error(
        `the engine copied ${asked['importsAsked']} manifests, the tools would copy ${beside.length + 1}`,
      );
    const activities = await activitiesOf(client, promotionId('iam', input.version, 'production'));
    await emptyRegistry(stack);
    if (round > 0) {
      took.engine.push(engine);
      took.copying.push(sum(COPYING.map((name) => tookBy(activities, name))));
      runs.push(activities);
    }
    for (const tool of TOOLS) {
      const ms = await timed(() =>
        copyBy(tool, stack, env, [[`@${image.digest}`, `:${staged}-${tool}-${round}`], ...beside]),
      );
      await emptyRegistry(stack);
      if (round > 0) took[tool].push(ms);
    }
  }
  return [
    ...figuresOf(took, beside.length + 1),
    profileOf('referrers', runs, took.engine),
    questionsOf('referrers', asked),
  ];
}

function figuresOf(took: Readonly<Took>, manifests: number): readonly Figure[] {
  const ms = Object.fromEntries(Object.entries(took).map(([name, all]) => [name, median(all)])) as Record<
    keyof Took,
    number
  >;
  const rounded = Object.fromEntries(Object.entries(ms).map(([name, value]) => [`${name}Ms`, Math.round(value)]));
  const about = { measurement: 'referrers', unit: '×', from: { ...rounded, manifests, samples: took.engine.length } };
  const whole = TOOLS.map((tool) => ({
    ...about,
    figure: `a whole promotion with ${REFERRERS} referrers ÷ ${tool} copying the same manifests one after another, median`,
    value: ms.engine / ms[tool],
    target: { atMost: 1 },
  }));
  const copying = TOOLS.map((tool) => ({
    ...about,
    figure: `of that the copying (${COPYING.join(', ')}: everything found and read again at the destination) ÷ ${tool}, median`,
    value: ms.copying / ms[tool],
  }));
  return [...whole, ...copying];
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
