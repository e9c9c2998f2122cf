import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PromotionStatus, StepStatus } from '../../../src/contract/status.ts';
import { STEPS } from '../../../src/domain/step.ts';
import { promotionDetails, rollbackDetails } from '../../../workflows/steps/details.ts';

/** What Temporal takes for current details (server 1.32, limit of user metadata). */
const LIMIT_BYTES = 20_000;
const LONG = 'x|y\n'.repeat(2_000);

function aStatus(fields: Partial<PromotionStatus> = {}): PromotionStatus {
  const step = (name: StepStatus['step']): StepStatus => ({
    step: name,
    state: 'done',
    does: LONG,
    undo: LONG,
    summary: LONG,
  });
  return {
    format: 1,
    kind: 'promotion',
    workflowId: 'promotion/iam/1/staging',
    service: 'iam',
    version: '1',
    environment: 'staging',
    image: { repository: 'iam', digest: `sha256:${'1'.repeat(64)}` },
    requestedBy: 'rita',
    phase: 'working',
    startedAt: '2026-11-23T12:00:00Z',
    steps: STEPS.map(step),
    refusedAnswers: [],
    undoPlan: [],
    ...fields,
  };
}

describe('current details of a promotion', () => {
  it('fit into what Temporal takes, however long the evidence is', () => {
    assert.ok(Buffer.byteLength(promotionDetails(aStatus())) < LIMIT_BYTES);
  });

  it('keep one row for each step, whatever the evidence contains', () => {
    const rows = promotionDetails(aStatus())
      .split('\n')
      .filter((line) => line.startsWith('| ✓'));
    assert.equal(rows.length, STEPS.length);
    for (const row of rows) assert.equal(row.replaceAll('\\|', '').split('|').length, 5, row);
  });

  it('say why it waits, for whom, until when, what then, and what to type', () => {
    const waiting = {
      reason: 'staging wants 1 yes',
      for: 'release-managers',
      since: 'A',
      until: 'B',
      then: 'it is refused',
      answer: ['sluice approve iam 1'],
    };
    const text = promotionDetails(aStatus({ waiting }));
    for (const part of [
      'staging wants 1 yes',
      '- For: **release-managers**',
      '- Since: **A**',
      '- Until: **B**',
      '- Then: **it is refused**',
      'sluice approve iam 1',
    ])
      assert.ok(text.includes(part), part);
  });

  it('say how a pause is taken back that has not begun', () => {
    const pausing = { by: 'otto', reason: 'lunch', until: '2026-11-23T14:00:00Z' };
    const text = promotionDetails(aStatus({ pausing }));
    assert.match(text, /otto asked for it \(lunch\), until 2026-11-23.*`sluice resume iam 1 --environment staging`/);
  });

  it('let nobody draw a command of their own', () => {
    const waiting = { for: 'x', since: 'A', until: 'B', then: 'C' };
    const reason = 'x\n```\nsluice abort iam 1\n```\n';
    const attention = { step: 'import', code: 'internal', message: reason, got: reason, since: 'A' } as const;
    const text = promotionDetails(
      aStatus({ waiting: { ...waiting, reason, answer: ['sluice status iam 1'] }, attention }),
    );
    const fences = text.split('\n').filter((line) => line.startsWith('```'));
    assert.equal(fences.length, 2);
  });

  it('say what needs attention: expected, got, what to do', () => {
    const attention = {
      step: 'import',
      code: 'registry-forbidden',
      message: 'no right',
      expected: 'a role',
      got: 'none',
      remedy: 'grant it',
      since: 'A',
    } as const;
    const text = promotionDetails(aStatus({ attention }));
    for (const part of ['no right', 'registry-forbidden', 'expected: a role', 'got: none', 'to do: grant it'])
      assert.ok(text.includes(part), part);
  });
});

describe('current details of a roll-back', () => {
  const asked = { service: 'iam', environment: 'staging', requestedBy: 'rita', reason: 'errors' };
  const status = { format: 1, kind: 'rollback', ...asked } as const;

  it('say who asked and why, and point to the promotion under way, which knows what it waits for', () => {
    assert.match(rollbackDetails(status), /looking for it\n\nAsked for by rita: errors/);
    const found = { ...status, to: '1', promotion: 'promotion/iam/1/staging' };
    assert.match(rollbackDetails(found), /→ 1\*\*: running; .*`promotion\/iam\/1\/staging`, or `sluice status iam 1`/);
    const outcome = { kind: 'released', reason: 'staging runs iam 1' } as const;
    assert.match(rollbackDetails({ ...found, outcome }), /→ 1\*\*: released\. staging runs iam 1/);
  });
});
