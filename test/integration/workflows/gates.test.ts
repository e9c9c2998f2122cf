import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { abortUpdate, approveUpdate, overrideUpdate, retryUpdate } from '../../../src/contract/promotion-workflow.ts';
import type { GatesAnswer } from '../../../src/contract/activities.ts';
import type { GateVerdict } from '../../../src/domain/gate.ts';
import { describeRestraint, type Restraint } from '../../../src/domain/restraint.ts';
import type { PromotionStatus, Waiting } from '../../../src/contract/status.ts';
import { failure } from '../../support/answers.ts';
import { engineOfSuite } from '../../support/engine.ts';
import { answerBy, aVersion, promotionOf, startRelease, until } from '../../support/releases.ts';
import {
  APPROVAL,
  IMAGE,
  type Script,
  type ScriptOptions,
  scriptedActivities,
} from '../../support/scripted-activities.ts';

const PRODUCTION = 'production';
const OPTIONS: ScriptOptions = { path: ['dev', PRODUCTION], gates: [PRODUCTION] };
const DAY = 24 * 3_600_000;

function verdict(fields: Partial<GateVerdict>): GateVerdict {
  return { gate: 'office', kind: 'hours', answer: 'wait', reason: 'it is night', ...fields };
}

function closedUntil(until: number | undefined): GatesAnswer {
  const at = until === undefined ? {} : { until: new Date(until).toISOString() };
  return { ok: true, answer: 'wait', verdicts: [verdict({ ...at, for: 'the morning' })], ...at };
}

/** How long it is waited for in all. */
function daysOf(waiting: Waiting | undefined): number {
  return Math.round((Date.parse(waiting?.until ?? '') - Date.parse(waiting?.since ?? '')) / DAY);
}

function closedBy(fields: Pick<Restraint, 'kind' | 'service' | 'until'>): GatesAnswer {
  const { kind, until } = fields;
  const restraint = { by: 'grace', reason: 'errors', since: '2026-11-24T12:00:00Z', ...fields };
  const at = until === undefined ? {} : { until };
  const said = verdict({ gate: kind, kind, reason: describeRestraint(restraint), restraints: [restraint], ...at });
  return { ok: true, answer: 'wait', verdicts: [said], ...at };
}

const OPEN: GatesAnswer = { ok: true, answer: 'yes', verdicts: [verdict({ answer: 'yes', reason: 'it is day' })] };

describe('a gate', { timeout: 300_000 }, () => {
  const engine = engineOfSuite();

  const whenClosed = (version: string): Promise<PromotionStatus> =>
    until(engine.env.client, version, PRODUCTION, (one) => one.phase === 'waiting-for-gate');

  async function during(
    script: Script,
    options: ScriptOptions,
    work: (version: string) => Promise<void>,
  ): Promise<string[]> {
    const { activities, calls } = scriptedActivities(script, options);
    await engine.during(activities, () => work(aVersion()));
    return calls;
  }

  /** How long the promotion meant to wait before each further look, and whether something else woke it. */
  async function waitsAtGates(version: string): Promise<readonly { forMs: number; ended: 'early' | 'in full' }[]> {
    const { events } = await promotionOf(engine.env.client, version, PRODUCTION).fetchHistory();
    const all = events ?? [];
    const fired = new Set(all.map((one) => one.timerFiredEventAttributes?.timerId));
    return all
      .filter((one) => String(one.userMetadata?.summary?.data).startsWith('"closed: '))
      .map(({ timerStartedEventAttributes: timer }) => ({
        forMs: Number(timer?.startToFireTimeout?.seconds) * 1000,
        ended: fired.has(timer?.timerId) ? 'in full' : 'early',
      }));
  }

  it('that is closed until a time is asked again then, and nothing is done before', async () => {
    let opens = 0;
    const script: Script = {
      checkGates: async () => {
        const now = await engine.env.currentTimeMs();
        opens = opens === 0 ? now + 3 * DAY : opens;
        return now < opens ? closedUntil(opens) : OPEN;
      },
    };
    const calls = await during(script, OPTIONS, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const { waiting } = await whenClosed(version);
      assert.match(waiting?.reason ?? '', /office: it is night/);
      assert.equal(waiting?.for, 'the morning');
      assert.equal(waiting?.until, new Date(opens).toISOString());
      assert.equal(waiting?.then, 'the gates are asked again');
      assert.equal((await release.result()).outcome.kind, 'released');
      assert.ok((await engine.env.currentTimeMs()) >= opens);
    });
    const inProduction = calls.filter((call) => call.includes(PRODUCTION)).map((call) => call.replace(/\(.*/, ''));
    assert.deepEqual(inProduction.slice(0, 6), [
      'planPromotion',
      'verifySignatures',
      'checkGates',
      'checkGates',
      'admit',
      'importImage',
    ]);
  });

  it('that says no refuses the promotion before anybody is asked', async () => {
    const refusal = { code: 'gate-closed', message: 'no ticket' } as const;
    const options = { ...OPTIONS, approvals: { [PRODUCTION]: APPROVAL } };
    await during({ checkGates: async () => ({ ok: false, refusal }) }, options, async (version) => {
      const { outcome } = await (await startRelease(engine.env.client, version)).result();
      assert.equal(outcome.kind, 'refused');
      assert.deepEqual(outcome.refusal, refusal);
    });
  });

  const refusal = { code: 'gate-closed', message: 'gate "ticket": the release names no ticket' } as const;
  const noTicket = { gate: 'ticket', kind: 'ticket', answer: 'no', reason: 'no ticket', refusal } as const;
  const passableNo: GatesAnswer = {
    ...{ ok: true, answer: 'wait' },
    verdicts: [verdict({ ...noTicket, for: 'on-call', override: ['on-call'] })],
  };

  it('that says a no that somebody may pass waits for them, and goes on with their word', async () => {
    const script: Script = { checkGates: async ({ overrides = [] }) => (overrides.length > 0 ? OPEN : passableNo) };
    await during(script, OPTIONS, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const status = await whenClosed(version);
      const { waiting } = status;
      assert.deepEqual([waiting?.for, waiting?.then], ['on-call', 'the release is refused']);
      assert.equal(daysOf(waiting), 1);
      assert.match(waiting?.answer[0] ?? '', /^sluice override iam .* --gate ticket .*\(on-call\)$/);
      const word = answerBy('olga', status, { overrides: ['ticket'], reason: 'mends INC-1' });
      await promotionOf(engine.env.client, version, PRODUCTION).executeUpdate(overrideUpdate, { args: [word] });
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('that says a no that nobody passes in time refuses with that no', async () => {
    await during({ checkGates: async () => passableNo }, OPTIONS, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const { outcome } = await release.result();
      assert.deepEqual([outcome.kind, outcome.refusal], ['refused', refusal]);
      assert.match(outcome.reason, /nobody let it pass in time/);
    });
  });

  it('that says a no waits as long as the question to people would', async () => {
    const options = { ...OPTIONS, approvals: { [PRODUCTION]: APPROVAL } };
    await during({ checkGates: async () => passableNo }, options, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const { waiting } = await whenClosed(version);
      assert.equal(daysOf(waiting), Math.round(APPROVAL.deadlineMs / DAY));
      await promotionOf(engine.env.client, version, PRODUCTION).executeUpdate(abortUpdate, { args: [{ by: 'ada' }] });
      await release.result();
    });
  });

  it('that a person has closed is looked at every quarter of an hour, since a person may open it sooner', async () => {
    let looks = 0;
    let end = '';
    const script: Script = {
      checkGates: async () => {
        looks += 1;
        if (end === '') end = new Date((await engine.env.currentTimeMs()) + DAY).toISOString();
        return looks > 2 ? OPEN : closedBy({ kind: 'stop', until: end, service: 'iam' });
      },
    };
    await during(script, OPTIONS, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const { waiting } = await whenClosed(version);
      assert.deepEqual(
        [waiting?.for, waiting?.until, waiting?.then, waiting?.answer[0]],
        ['grace', end, 'the gates are asked again', 'sluice thaw --environment production --service iam'],
      );
      assert.equal((await release.result()).outcome.kind, 'released');
      assert.deepEqual(await waitsAtGates(version), [
        { forMs: DAY / 96, ended: 'in full' },
        { forMs: DAY / 96, ended: 'in full' },
      ]);
    });
  });

  it('that a hold has closed says who holds it, what lifts it, and when it is waited for no longer', async () => {
    let isHeld = true;
    const hold = closedBy({ kind: 'hold', service: 'iam' });
    await during({ checkGates: async () => (isHeld ? hold : OPEN) }, OPTIONS, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const { waiting } = await whenClosed(version);
      assert.equal(waiting?.for, 'grace');
      assert.equal(waiting.answer[0], 'sluice hold lift iam --environment production');
      assert.equal(waiting.then, 'the release is refused');
      assert.equal(daysOf(waiting), 30);
      isHeld = false;
      await promotionOf(engine.env.client, version, PRODUCTION).executeUpdate(retryUpdate, { args: [{ by: 'grace' }] });
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });

  it('outside is asked again at once when somebody there calls back', async () => {
    let isOpen = false;
    const board = verdict({ gate: 'board', kind: 'external', reason: 'the board meets tomorrow' });
    const script: Script = {
      checkGates: async () => (isOpen ? OPEN : { ok: true, answer: 'wait', verdicts: [board] }),
    };
    await during(script, OPTIONS, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const { waiting } = await whenClosed(version);
      assert.ok(waiting?.answer.some((one) => one.startsWith(`sluice retry iam ${version} --environment production`)));
      isOpen = true;
      const promotion = promotionOf(engine.env.client, version, PRODUCTION);
      const { message } = await promotion.executeUpdate(retryUpdate, { args: [{ by: 'the board' }] });
      assert.equal(message, 'asks the gates again');
      assert.equal((await release.result()).outcome.kind, 'released');
      assert.deepEqual(await waitsAtGates(version), [{ forMs: DAY / 24, ended: 'early' }]);
    });
  });

  it('that stays closed for a month refuses it', async () => {
    await during({ checkGates: async () => closedUntil(undefined) }, OPTIONS, async (version) => {
      const { outcome } = await (await startRelease(engine.env.client, version)).result();
      assert.equal(outcome.kind, 'refused');
      assert.match(outcome.reason, /the gates of production stayed closed: office/);
    });
  });

  it('that is waited for can be left by an abort', async () => {
    await during(
      { checkGates: async () => closedUntil((await engine.env.currentTimeMs()) + DAY) },
      OPTIONS,
      async (version) => {
        const release = await startRelease(engine.env.client, version);
        await whenClosed(version);
        await promotionOf(engine.env.client, version, PRODUCTION).executeUpdate(abortUpdate, { args: [{ by: 'ada' }] });
        assert.equal((await release.result()).outcome.kind, 'aborted');
      },
    );
  });

  it('that closes after people have said yes is waited for, and nobody is asked twice', async () => {
    let admissions = 0;
    const script: Script = {
      admit: async ({ plan, planDigest, baseline }) => {
        admissions += plan.environment === PRODUCTION ? 1 : 0;
        const closed = admissions === 1 ? { closed: true as const } : {};
        return { ok: true, plan, planDigest, baseline, ...closed };
      },
    };
    const options = { ...OPTIONS, approvals: { [PRODUCTION]: APPROVAL } };
    const calls = await during(script, options, async (version) => {
      const release = await startRelease(engine.env.client, version, { requestedBy: 'rita' });
      const asked = await until(engine.env.client, version, PRODUCTION, (one) => one.approval?.open === true);
      const handle = promotionOf(engine.env.client, version, PRODUCTION);
      await handle.executeUpdate(approveUpdate, { args: [answerBy('ada', asked)] });
      assert.equal((await release.result()).outcome.kind, 'released');
    });
    assert.equal(admissions, 2);
    assert.equal(calls.filter((call) => call.startsWith('checkApproval')).length, 1);
    assert.equal(calls.filter((call) => call === `checkGates(${PRODUCTION})`).length, 2);
  });

  it('that has closed at the door is waited for until it says, and why stands in the status', async () => {
    let admissions = 0;
    let opens = 0;
    const script: Script = {
      admit: async ({ plan, planDigest, baseline }) => {
        const known = { ok: true, plan, planDigest, baseline } as const;
        if (plan.environment !== PRODUCTION) return known;
        admissions += 1;
        opens = opens === 0 ? (await engine.env.currentTimeMs()) + 3 * DAY : opens;
        if (admissions > 1) return known;
        return { ...known, closed: true, gates: closedUntil(opens) as GatesAnswer & { readonly ok: true } };
      },
    };
    await during(script, OPTIONS, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const { waiting } = await whenClosed(version);
      assert.match(waiting?.reason ?? '', /office: it is night/);
      assert.equal(waiting?.until, new Date(opens).toISOString());
      assert.equal((await release.result()).outcome.kind, 'released');
      assert.ok((await engine.env.currentTimeMs()) >= opens);
    });
    assert.equal(admissions, 2);
  });

  it('is told what the release says of itself, and where it was proven well since when', async () => {
    let entry: unknown;
    const script: Script = {
      checkGates: async (request) => {
        entry = request.entry;
        return OPEN;
      },
    };
    await during(script, OPTIONS, async (version) => {
      const release = await startRelease(engine.env.client, version, { ticket: 'OPS-7', allowOlder: true });
      const { promotions } = await release.result();
      const proven = promotions[0]?.evidence.at(-1)?.endedAt;
      assert.ok(proven);
      const [one, ...others] = (entry as { passed: { since: string; environment: string }[] }).passed;
      assert.deepEqual([one?.environment, one?.since, others], ['dev', proven, []]);
      assert.partialDeepStrictEqual(entry, { ticket: 'OPS-7', allowOlder: true });
    });
  });

  const HEALTHY = { environment: 'dev', since: '2026-11-24T10:00:00Z' } as const;
  const taken = { ...HEALTHY, rolledBackAt: '2026-11-24T11:00:00Z' };
  /** Closed by whatever is not healthy, as the zone's own gate would be. */
  const soaks: Script['checkGates'] = async ({ plan, entry }) => {
    if (plan.environment !== PRODUCTION) return OPEN;
    const [said] = entry?.soaked ?? [];
    if (said?.unknown !== undefined) {
      const at = new Date((await engine.env.currentTimeMs()) + DAY / 24).toISOString();
      return {
        ok: true,
        answer: 'wait',
        verdicts: [verdict({ kind: 'soak', reason: said.unknown, until: at })],
        until: at,
      };
    }
    return said !== undefined && said.rolledBackAt === undefined ? OPEN : { ok: false, refusal };
  };
  const SOAKS = { ...OPTIONS, soaksIn: ['dev'] };

  it('that wants it healthy elsewhere first has the environment there say how it is now, at the gates and at the door', async () => {
    const said: unknown[] = [];
    const script: Script = {
      findSoaked: async ({ environment, version, digest }) => {
        said.push([environment, version, digest]);
        return HEALTHY;
      },
      checkGates: soaks,
      admit: async (request) => {
        said.push(request.entry?.soaked);
        return { ok: true, plan: request.plan, planDigest: request.planDigest, baseline: request.baseline };
      },
    };
    await during(script, SOAKS, async (version) => {
      const { outcome } = await (await startRelease(engine.env.client, version)).result();
      assert.equal(outcome.kind, 'released', outcome.reason);
      const asked = ['dev', version, IMAGE.digest];
      assert.deepEqual(said.slice(-3), [asked, asked, [HEALTHY]]);
    });
  });

  it('that wants it healthy elsewhere first refuses what was rolled back there while it waited', async () => {
    let looks = 0;
    let isHealthy = true;
    const script: Script = {
      findSoaked: async () => (isHealthy ? HEALTHY : taken),
      checkGates: async (request) => {
        looks += 1;
        return looks > 1 ? soaks(request) : closedUntil((await engine.env.currentTimeMs()) + DAY);
      },
    };
    await during(script, { ...OPTIONS, soaksIn: ['dev'] }, async (version) => {
      const release = await startRelease(engine.env.client, version);
      await whenClosed(version);
      isHealthy = false;
      const { outcome } = await release.result();
      assert.deepEqual([outcome.kind, outcome.refusal], ['refused', refusal]);
    });
  });

  it('that wants it healthy elsewhere first waits while nobody there can be asked, and goes on when somebody can', async () => {
    let isThere = false;
    const script: Script = {
      findSoaked: async () => (isThere ? HEALTHY : Promise.reject(failure('cluster-forbidden'))),
      checkGates: soaks,
    };
    await during(script, SOAKS, async (version) => {
      const release = await startRelease(engine.env.client, version);
      const { waiting } = await whenClosed(version);
      assert.match(waiting?.reason ?? '', /cluster-forbidden/);
      isThere = true;
      assert.equal((await release.result()).outcome.kind, 'released');
    });
  });
});
