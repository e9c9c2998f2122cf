/** Adopting what runs without Sluice: the real workflows and the real activities, over registries and clusters in memory. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import type { AdoptionReport } from '../../../src/contract/adoption-workflow.ts';
import type { KnownGood, PromotionRecord } from '../../../src/contract/plan.ts';
import type { ManifestObject } from '../../../src/domain/manifest-object.ts';
import type { EnvironmentRules, Rulebook } from '../../../src/domain/rulebook.ts';
import { until } from '../../../local/tools/until.ts';
import { createKeyApprovals } from '../../../src/adapters/approvals/keys.ts';
import { ADOPTION_PREDICATE, readAdoption } from '../../../src/evidence/adoption-statement.ts';
import { PROMOTION_PREDICATE } from '../../../src/evidence/record-predicate.ts';
import { PortError } from '../../../src/ports/port-error.ts';
import type { Signer } from '../../../src/client/index.ts';
import { signStatement } from '../../../src/statements/sign.ts';
import { aPerson, type Person } from '../../support/people.ts';
import { clientsOfSuite, engineOfSuite } from '../../support/engine.ts';
import { aWorld, type MemoryWorld, PATH, type Pushed, type WorldOptions, YAML } from '../../support/memory-world.ts';
import { worldActivities } from '../../support/world-activities.ts';

const HERE = 'dev';
const NAMESPACE = 'iam-dev';
const OURS = { service: 'iam', environment: HERE, version: '2026.10.4' } as const;
const PLACE = { service: 'iam', environment: HERE } as const;
const LEGACY_IMAGE = 'dev.example.test/iam:2026.10.4';
const REASON = 'moves over from the old pipeline';

/** A service as another pipeline has left it there. */
interface Legacy extends Pushed {
  readonly world: MemoryWorld;
}

interface LegacyOptions extends WorldOptions {
  readonly signer?: string;
  /** As the workload names it. */
  readonly image?: string;
  /** What its nodes say instead of the digest that was pushed. */
  readonly runs?: string;
}

describe('adopting what runs without Sluice', { timeout: 300_000 }, () => {
  const engine = engineOfSuite('real');
  const clients = clientsOfSuite(engine, 'grace', 'hans');

  const inLegacy = async (work: (legacy: Legacy) => Promise<void>, options: LegacyOptions = {}): Promise<void> => {
    const { signer, image = LEGACY_IMAGE, runs, ...rest } = options;
    let digest = '';
    // of images that it was asked for by digest a node says that one
    const report = (name: string): string =>
      name === image ? (runs ?? digest) : name.slice(name.lastIndexOf('@') + 1);
    const world = await aWorld({ ...rest, cluster: { report, ...rest.cluster } });
    const pushed = await world.push('old', signer === undefined ? {} : { signer });
    digest = pushed.digest;
    const { signal } = new AbortController();
    await world.clusters.dev.cluster.apply(legacyObjects(image), NAMESPACE, { dryRun: false, signal });
    await engine.during(worldActivities(world), () => work({ world, ...pushed }), PATH);
  };
  const look = ({ manifests }: Legacy): Promise<AdoptionReport> => clients.grace.lookToAdopt({ ...OURS, manifests });
  const adopt = async (legacy: Legacy, who: 'grace' | 'hans' = 'grace') => {
    const { found = 'nothing' } = await look(legacy);
    return clients[who].adopt({ ...OURS, manifests: legacy.manifests, found, reason: REASON });
  };
  const release = async ({ world }: Legacy, version: string, yaml = YAML) => {
    const next = await world.push(version, { yaml });
    const image = `iam@${next.digest}`;
    await clients.grace.startRelease({ service: 'iam', version, image, manifests: next.manifests, until: HERE });
    return clients.grace.wait({ service: 'iam', version });
  };

  it('changes neither cluster nor registry, and the next release can be rolled back to it by digest', async () => {
    await inLegacy(async (legacy) => {
      const { manifests, digest } = legacy;
      const before = touched(legacy);
      const report = await look(legacy);
      assert.deepEqual(blocking(report), []);
      assert.equal(report.image?.digest, digest);
      assert.equal((await adopt(legacy)).outcome, 'adopted');
      assert.deepEqual(touched(legacy), before);
      await until(async () => (await clients.grace.environment(HERE)).running['iam']?.version === OURS.version, {
        ...{ what: 'the desk knows what runs', timeoutMs: 60_000 },
      });

      assert.equal((await release(legacy, '2.0.0')).outcome.kind, 'released');
      assert.match(deployed(legacy), /2 replicas of .*@sha256:/);
      await clients.grace.startRollback({ ...PLACE, reason: 'errors' });
      const back = await clients.grace.waitForRollback('iam', HERE);
      assert.equal(back.outcome.kind, 'released', back.outcome.reason);
      assert.equal(back.to, OURS.version);
      assert.equal(deployed(legacy), `2 replicas of dev.example.test/iam@${digest}`);
      assert.equal((await recordOf(legacy)).manifests, manifests);
      await clients.grace.liftHold(PLACE);
    });
  });

  it('counts once: whoever asks again hears who has adopted it', async () => {
    await inLegacy(async (legacy) => {
      const first = await adopt(legacy);
      const known = await recordOf(legacy);
      const request = { ...OURS, manifests: legacy.manifests, found: first.adopted.found, reason: 'again' };
      const again = await clients.hans.adopt({ ...request, found: `sha256:${'0'.repeat(64)}` });
      assert.deepEqual([again.outcome, again.adopted], ['already', first.adopted]);
      assert.deepEqual(await recordOf(legacy), known);
      assert.deepEqual(
        (await historyOf(legacy)).map(({ version }) => version),
        [OURS.version],
      );
    });
  });

  it('puts a first release that fails back to what was adopted, and removes only what that release brought', async () => {
    const healthy = (image: string) => !image.includes('@') || image.endsWith(good);
    let good = '';
    const behave = (image: string) =>
      healthy(image) ? 'ready' : ({ code: 'crash-loop', message: 'it crashes' } as const);
    await inLegacy(
      async (legacy) => {
        good = legacy.digest;
        await adopt(legacy);
        const added = `${YAML}---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: settings }\ndata: { a: b }\n`;
        const { outcome } = await release(legacy, '3.0.0', added);
        assert.equal(outcome.kind, 'rolled-back', outcome.reason);
        assert.equal(deployed(legacy), `2 replicas of dev.example.test/iam@${good}`);
        const removed = legacy.world.clusters.dev.effects.filter(({ kind }) => kind === 'removed');
        assert.deepEqual(
          removed.map((one) => 'ref' in one && one.ref.kind),
          ['ConfigMap'],
        );
        assert.equal((await recordOf(legacy)).version, OURS.version);
      },
      { cluster: { behave } },
    );
  });

  it('tells of an unsigned image what a roll-back meets, marks it, and a roll-back meets just that until it is signed', async () => {
    await inLegacy(
      async (legacy) => {
        const report = await look(legacy);
        const [told] = report.points.filter(({ part }) => part === 'proofs');
        assert.deepEqual([told?.blocks, told?.code], [false, 'signature-untrusted']);
        assert.match(told?.message ?? '', /"sluice rollback" to it is refused with signature-untrusted/);
        const { adopted } = await adopt(legacy);
        assert.deepEqual(adopted.unproven, ['signature-untrusted']);
        assert.equal((await release(legacy, '4.0.0')).outcome.kind, 'released');
        await clients.grace.startRollback({ ...PLACE, reason: 'errors' });
        const refused = await clients.grace.waitForRollback('iam', HERE);
        assert.equal(refused.outcome.refusal?.code, 'signature-untrusted');
        await clients.grace.liftHold(PLACE);
      },
      { signer: 'a stranger' },
    );
  });

  it('puts a first release that fails back to an image that is not signed all the same', async () => {
    let good = '';
    const behave = (image: string) =>
      !image.includes('@') || image.endsWith(good) ? 'ready' : ({ code: 'crash-loop', message: 'it crashes' } as const);
    await inLegacy(
      async (legacy) => {
        good = legacy.digest;
        await adopt(legacy);
        assert.equal((await release(legacy, '5.0.0')).outcome.kind, 'rolled-back');
        assert.equal(deployed(legacy), `2 replicas of dev.example.test/iam@${good}`);
      },
      { signer: 'a stranger', cluster: { behave } },
    );
  });

  it('leaves one signed statement beside the image, which passes for no promotion', async () => {
    await inLegacy(
      async (legacy) => {
        const { adopted } = await adopt(legacy);
        const { registry, recorders } = legacy.world.zones.dev.ports;
        const image = { repository: 'iam', digest: legacy.digest };
        const [said, ...more] = await signedBeside(legacy);
        assert.deepEqual([said?.signers, more], [[HERE], []]);
        const { adoptedAt, found } = readAdoption(said?.predicate) ?? assert.fail();
        assert.deepEqual([adoptedAt, found], [adopted.at, adopted.found]);
        assert.equal((await recordOf(legacy)).signed, said?.artefact.digest);
        assert.deepEqual(await recorders?.attestations(registry, image, [PROMOTION_PREDICATE]), []);
        assert.equal((await release(legacy, '9.0.0')).outcome.kind, 'released');
      },
      { signsRecords: true },
    );
  });

  it('begins every soak anew: how long it ran before is nobody’s word', async () => {
    await inLegacy(async (legacy) => {
      const before = new Date().toISOString();
      await adopt(legacy);
      const { since, adopted } = await recordOf(legacy);
      assert.ok(since >= before, since);
      assert.equal(adopted?.at, since);
    });
  });

  it('refuses what has become something else since it was looked at', async () => {
    await inLegacy(async (legacy) => {
      const { found = '' } = await look(legacy);
      const { signal } = new AbortController();
      const scaled = legacyObjects(LEGACY_IMAGE).map((one) =>
        one.kind === 'Deployment' ? { ...one, spec: { ...(one['spec'] as object), replicas: 5 } } : one,
      );
      await legacy.world.clusters.dev.cluster.apply(scaled, NAMESPACE, { dryRun: false, signal });
      const { manifests } = legacy;
      await assert.rejects(clients.grace.adopt({ ...OURS, manifests, found, reason: REASON }), {
        code: 'adoption-changed',
      });
      assert.equal(await legacy.world.clusters.dev.records.read('record', NAMESPACE, 'iam'), undefined);
    });
  });

  it('refuses where a promotion has brought the service there', async () => {
    await inLegacy(async (legacy) => {
      await release(legacy, '6.0.0');
      const report = await look(legacy);
      assert.match(
        blocking(report).join(),
        /Sluice manages iam in dev: promotion\/iam\/6\.0\.0\/dev brought 6\.0\.0 there/,
      );
      await assert.rejects(adopt(legacy), { code: 'adoption-blocked' });
      assert.equal((await recordOf(legacy)).version, '6.0.0');
    });
  });

  it('refuses while a promotion is inside, and says which', async () => {
    await inLegacy(
      async (legacy) => {
        const next = await legacy.world.push('7.0.0');
        const image = `iam@${next.digest}`;
        const { manifests } = next;
        await clients.grace.startRelease({ service: 'iam', version: '7.0.0', image, manifests, until: HERE });
        await admittedIn(legacy);
        const report = await look(legacy);
        assert.match(blocking(report).join(), /promotion\/iam\/7\.0\.0\/dev is under way/);
        for (const id of ['release/iam/7.0.0', 'promotion/iam/7.0.0/dev'])
          await engine.env.client.workflow.getHandle(id).terminate('it is gone');
        assert.doesNotMatch(blocking(await look(legacy)).join(), /under way/, 'what has ended badly is over as well');
      },
      { cluster: { behave: (image) => (image.includes('@') ? 'never-ready' : 'ready') }, rulebook: patient },
    );
  });

  it('takes no name on trust where people are asked about promotions, and nobody who is in none of their groups', async () => {
    await inLegacy(
      async (legacy) => {
        await assert.rejects(adopt(legacy), { code: 'approval-unproven' });
        assert.equal(await legacy.world.clusters.dev.records.read('record', NAMESPACE, 'iam'), undefined);
      },
      { rulebook: asking, approvals: createKeyApprovals([]) },
    );
  });

  it('takes the signed word of one person who is asked about promotions, and of nobody else', async () => {
    const people = { ada: aPerson('ada'), margaret: aPerson('margaret') };
    const signerOf = ({ name, ...key }: Person): Signer => ({
      subject: name,
      sign: (facts, goodForMs) => signStatement(facts, name, key, { now: new Date(), goodForMs }),
    });
    const holders = Object.values(people).map(({ name, pem }) => {
      const groups = name === 'ada' ? ['release-managers'] : ['incident-managers'];
      return { name, aliases: [], groups, keys: [pem] };
    });
    await inLegacy(
      async (legacy) => {
        const { manifests } = legacy;
        const { found = '' } = await look(legacy);
        const request = { ...OURS, manifests, found, reason: REASON };
        await assert.rejects(clients.grace.adopt({ ...request, signer: signerOf(people.margaret) }), {
          code: 'approval-wrong-group',
        });
        const { adopted } = await clients.grace.adopt({ ...request, signer: signerOf(people.ada) });
        assert.deepEqual([adopted.by, adopted.proof, adopted.reason], ['ada', 'key', REASON]);
        const { entries } = await clients.grace.audit({ environment: HERE });
        const own = entries.filter(({ who }) => who === 'ada' || who === 'margaret');
        assert.deepEqual(
          own.slice(-2).map(({ who, what, proof }) => [who, what, proof]),
          [
            ['margaret', 'answer-refused', undefined],
            ['ada', 'adopt', 'key'],
          ],
        );
      },
      { rulebook: asking, approvals: createKeyApprovals(holders) },
    );
  });

  for (const about of ['admission', 'record', 'history'] as const) {
    it(`goes on where it was interrupted after each write, here that of its ${about}`, async () => {
      let writes = 0;
      const last = ['admission', 'record', 'history'].indexOf(about) + 1;
      const dies = new PortError('cluster-unreachable', 'the worker is gone', { retry: 'yes' });
      const fault = (operation: string) =>
        operation === 'writeRecord' && (writes += 1) === last + 1 ? dies : undefined;
      await inLegacy(
        async (legacy) => {
          assert.equal((await adopt(legacy)).outcome, 'adopted');
          assert.ok(writes > last, 'it was interrupted');
          const { version, manifests } = await recordOf(legacy);
          assert.deepEqual([version, manifests], [OURS.version, legacy.manifests]);
          assert.deepEqual(
            (await historyOf(legacy)).map((one) => one.version),
            [OURS.version],
          );
          assert.equal((await release(legacy, '8.0.0')).outcome.kind, 'released');
          assert.equal((await signedBeside(legacy)).length, 1);
        },
        { cluster: { fault }, signsRecords: true },
      );
    });
  }
});

/** As the manifests have them, with the image that the other pipeline has set. */
function legacyObjects(image: string): readonly ManifestObject[] {
  return parseAllDocuments(YAML.replace('image: iam,', `image: '${image}',`)).map((one) => {
    const object = one.toJS() as ManifestObject;
    return { ...object, metadata: { ...object.metadata, namespace: NAMESPACE } };
  });
}

function blocking({ points }: AdoptionReport): readonly string[] {
  return points.filter(({ blocks }) => blocks).map(({ message }) => message);
}

/** Every effect but what the environment remembers. */
function touched({ world }: Legacy): readonly unknown[] {
  const { effects } = world.clusters.dev;
  return [...effects.filter(({ kind }) => kind === 'applied' || kind === 'removed'), ...world.registries.effects];
}

function deployed({ world }: Legacy): string {
  const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name: 'iam' };
  const { spec } = (world.clusters.dev.object(ref) ?? {}) as {
    spec?: { replicas?: number; template?: { spec: { containers: readonly { image: string }[] } } };
  };
  return `${spec?.replicas} replicas of ${spec?.template?.spec.containers[0]?.image}`;
}

/** Adoptions, as the environment itself has signed them. */
function signedBeside({ world, digest }: Legacy) {
  const { registry, recorders = assert.fail() } = world.zones.dev.ports;
  return recorders.attestations(registry, { repository: 'iam', digest }, [ADOPTION_PREDICATE]);
}

async function recordOf({ world }: Legacy): Promise<PromotionRecord> {
  return JSON.parse((await world.clusters.dev.records.read('record', NAMESPACE, 'iam')) ?? '{}') as PromotionRecord;
}

async function historyOf({ world }: Legacy): Promise<readonly KnownGood[]> {
  return JSON.parse(
    (await world.clusters.dev.records.read('history', NAMESPACE, 'iam')) ?? '[]',
  ) as readonly KnownGood[];
}

function admittedIn({ world }: Legacy): Promise<true> {
  const look = async () =>
    (await world.clusters.dev.records.read('admission', NAMESPACE, 'iam')) !== undefined || undefined;
  return until(look, { what: 'the promotion is let in', timeoutMs: 60_000 });
}

function withHere(rulebook: Rulebook, rules: Partial<EnvironmentRules>): Rulebook {
  const here = rulebook.environments[HERE] as EnvironmentRules;
  return { ...rulebook, environments: { ...rulebook.environments, [HERE]: { ...here, ...rules } } };
}

const patient = (rulebook: Rulebook): Rulebook => withHere(rulebook, { rollOutTimeoutMs: 120_000 });
const asking = (rulebook: Rulebook): Rulebook =>
  withHere(rulebook, { approval: { required: 1, from: ['release-managers'], notRequester: true, deadlineMs: 60_000 } });
