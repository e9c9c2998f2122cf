/** A release of a thousand events written into one file, and that file looked at: against reading and hashing the same bytes alone. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createMemoryRegistries } from '../../src/adapters/registry/memory/create-memory-registries.ts';
import { createMemorySignatures } from '../../src/adapters/signatures/memory/memory-signatures.ts';
import { exportEvidence } from '../../src/client/evidence.ts';
import { pauseUpdate, resumeUpdate } from '../../src/contract/promotion-workflow.ts';
import { promotionId, releaseId } from '../../src/contract/workflow-ids.ts';
import { COMMON_SIGNATURES, COMMON_SIGNER } from '../../src/domain/proof.ts';
import { openArchive } from '../../src/evidence/archive.ts';
import { historiesOf } from '../../src/evidence/histories.ts';
import type { EvidenceTrust } from '../../src/evidence/trust.ts';
import { verifyEvidence } from '../../src/evidence/verify.ts';
import type { RegistryReader } from '../../src/ports/registry-reader.ts';
import { approve, PATH, promotionOf, untilAsked, WAITING_IN } from '../approvals/question.ts';
import type { Counts, Figure } from '../figures.ts';
import { contentOf } from '../journey/content.ts';
import { begin } from '../journey/releases.ts';
import { hostOf } from '../journey/rulebook.ts';
import { serviceName, VERSION } from '../journey/setting.ts';
import type { Rig } from '../rig.ts';
import { median } from '../statistics.ts';
import { timed } from '../timed.ts';

const KEY = { service: serviceName(0), version: VERSION };
const WORKFLOWS = [
  releaseId(KEY.service, KEY.version),
  ...PATH.map((name) => promotionId(KEY.service, KEY.version, name)),
];
/** The memory adapter's, in bench/journey/zones.ts. */
const SIGNER = 'build';

export async function measureEvidence(rig: Rig, counts: Counts): Promise<readonly Figure[]> {
  const stateFolder = join(rig.folder, 'evidence');
  const worker = await rig.startWorker({
    ...{ side: 'engine', path: PATH, approvals: [WAITING_IN], locks: [], services: 1, slow: [], slowMs: 0 },
    ...{ heartbeatMs: 10_000, stateFolder },
  });
  try {
    const events = await release(rig, counts.events);
    return await measure(rig, counts.evidence, events, join(stateFolder, 'registries.json'));
  } finally {
    await worker.stop();
  }
}

/** Somebody pauses and goes on, again and again, until the histories are long enough; then it is approved. */
async function release(rig: Rig, wanted: number): Promise<number> {
  const workflowId = await begin(rig.engine, await contentOf(PATH, 0));
  const planDigest = await untilAsked(rig, promotionOf(0));
  const promotion = rig.client.workflow.getHandle(promotionOf(0));
  const said = { by: 'ada', reason: 'to see whether it goes on' };
  while ((await eventsOf(rig)) < wanted) {
    await promotion.executeUpdate(pauseUpdate, { args: [said] });
    await promotion.executeUpdate(resumeUpdate, { args: [said] });
  }
  await approve(rig, promotionOf(0), planDigest);
  await rig.client.workflow.getHandle(workflowId).result();
  return eventsOf(rig);
}

async function eventsOf({ client }: Rig): Promise<number> {
  const described = await Promise.all(WORKFLOWS.map((id) => client.workflow.getHandle(id).describe()));
  return described.reduce((sum, one) => sum + one.historyLength, 0);
}

async function measure(rig: Rig, rounds: number, events: number, stateFile: string): Promise<readonly Figure[]> {
  const hosts = Object.fromEntries(PATH.map((name) => [name, hostOf(name)]));
  const registries = createMemoryRegistries({ hosts, stateFile });
  const registryOf = async (name: string): Promise<RegistryReader> => registries.registry(name).reader;
  const histories = historiesOf(rig.client);
  const { bytes } = await exportEvidence(rig.engine, { ...KEY, registryOf });
  const samples: Record<'read' | 'exported' | 'hashed' | 'verified', number[]> = {
    ...{ read: [], exported: [], hashed: [], verified: [] },
  };
  for (let round = 0; round < rounds; round += 1) {
    samples.read.push(await timed(() => Promise.all(WORKFLOWS.map((workflowId) => histories.read({ workflowId })))));
    samples.exported.push(await timed(() => exportEvidence(rig.engine, { ...KEY, registryOf })));
    samples.hashed.push(await timed(() => hashed(bytes)));
    samples.verified.push(await timed(() => mustBeYes(bytes)));
  }
  const of = (name: keyof typeof samples): number => median(samples[name]);
  const size = { events, bytes: bytes.byteLength, rounds };
  return [
    {
      measurement: 'evidence',
      figure: `a release of ${events} events exported ÷ its histories read alone`,
      value: of('exported') / of('read'),
      unit: '×',
      from: { exportMs: round1(of('exported')), readMs: round1(of('read')), ...size },
    },
    {
      measurement: 'evidence',
      figure: 'the same file verified ÷ its parts unpacked, hashed and parsed alone',
      value: of('verified') / of('hashed'),
      unit: '×',
      from: { verifyMs: round1(of('verified')), hashMs: round1(of('hashed')), ...size },
    },
  ];
}

/** What nobody who looks at it can do without. */
async function hashed(file: Uint8Array): Promise<void> {
  for (const { path, bytes } of await openArchive(file)) {
    createHash('sha256').update(bytes).digest();
    if (path.endsWith('.json')) JSON.parse(Buffer.from(bytes).toString('utf8'));
  }
}

async function mustBeYes(bytes: Uint8Array): Promise<void> {
  const signatures = createMemorySignatures({ [COMMON_SIGNER]: [SIGNER] });
  const trust: EvidenceTrust = {
    signaturesAt: () => signatures,
    signedBy: () => COMMON_SIGNATURES,
    isNamed: () => true,
    judge: async () => [],
    approvedBy: () => undefined,
    records: createMemorySignatures({}),
    demandsRecord: () => false,
  };
  const { answer, findings } = await verifyEvidence(bytes, trust);
  if (answer !== 'yes') throw new Error(`the evidence proves nothing: ${JSON.stringify(findings)}`);
}

function round1(ms: number): number {
  return Math.round(ms * 10) / 10;
}
