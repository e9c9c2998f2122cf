import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BoardPlace, type DeskReport, desksOn, withDesks } from '../../../src/client/index.ts';
import type { EnvironmentStatus } from '../../../src/contract/environment-workflow.ts';
import type { Restraint } from '../../../src/domain/restraint.ts';
import type { LeaseRequest } from '../../../src/domain/turns.ts';
import { AT } from './views.ts';

const STOP: Restraint = { kind: 'stop', by: 'grace', reason: 'errors', since: AT, until: '2026-11-23T10:00:00Z' };
const HOLD: Restraint = { kind: 'hold', service: 'billing', by: 'linus', reason: 'rolled back', since: AT };
const NOW = Date.parse('2026-11-23T09:00:00Z');

function asked(service: string, version: string, priority: LeaseRequest['priority'] = 'normal'): LeaseRequest {
  const workflowId = `promotion/${service}/${version}/dev`;
  return { service, version, workflowId, runId: version, askedAt: AT, policy: 'queue', priority, passes: [] };
}
const DESK: EnvironmentStatus = {
  format: 1,
  kind: 'environment',
  environment: 'dev',
  turns: {
    fence: 1,
    held: [{ ...asked('iam', '1.0.0'), fence: 1, since: AT }],
    queue: [asked('iam', '1.1.0'), asked('iam', '1.2.0', 'hot-fix')],
  },
  restraints: [STOP, HOLD],
  running: {},
};
const PLACE: BoardPlace = { service: 'iam', environment: 'dev', entering: [] };
const REPORT: DeskReport = { known: [DESK], unanswered: ['production'] };

describe('the board with what the desks know', () => {
  it('names what concerns each service, who changes it, and who waits in the order in which they come', () => {
    const [, iam] = withDesks([PLACE], REPORT, NOW);
    assert.deepEqual(iam, {
      ...PLACE,
      restraints: [STOP],
      changing: { version: '1.0.0', since: AT },
      queue: [
        { version: '1.2.0', since: AT },
        { version: '1.1.0', since: AT },
      ],
    });
  });

  it('has a place for a service that only a desk knows, unless other services were asked for', () => {
    const [billing] = withDesks([PLACE], REPORT, NOW);
    assert.deepEqual([billing?.service, billing?.restraints], ['billing', [STOP, HOLD]]);
    assert.deepEqual(
      withDesks([PLACE], REPORT, NOW, { service: 'iam' }).map((one) => one.service),
      ['iam'],
    );
  });

  it('names who brought what runs there where the promotion itself has not said it, and nobody for another version', () => {
    const brought = { digest: 'sha256:aa', since: AT, approvedBy: ['anna'], requestedBy: 'ben', workflowId: 'p' };
    const desk = { ...DESK, running: { iam: { ...brought, version: '1.0.0' } } };
    const peopleOf = (running: NonNullable<BoardPlace['running']>): unknown => {
      const places = withDesks([{ ...PLACE, running }], { known: [desk], unanswered: [] }, NOW);
      const found = places.find(({ service }) => service === 'iam')?.running;
      return [found?.requestedBy, found?.approvedBy];
    };
    const running = { version: '1.0.0', since: AT, approvedBy: [] };
    assert.deepEqual(peopleOf(running), ['ben', ['anna']]);
    assert.deepEqual(peopleOf({ ...running, version: '1.1.0' }), [undefined, []]);
    assert.deepEqual(peopleOf({ ...running, requestedBy: 'eve' }), ['eve', []], 'its promotion knows best');
  });

  it('leaves a place as it is whose desk did not answer: that nothing restrains it is not known', () => {
    const place = { ...PLACE, environment: 'production' };
    assert.ok(withDesks([place], REPORT, NOW).includes(place));
  });

  it('shows a stop until it ends', () => {
    const [, later] = withDesks([PLACE], REPORT, Date.parse('2026-11-23T10:00:00Z'));
    assert.deepEqual(later?.restraints, []);
  });

  it('of one service, says what concerns that one', () => {
    assert.deepEqual(desksOn(REPORT, 'iam').known[0]?.restraints, [STOP]);
    assert.deepEqual(desksOn(REPORT).known[0]?.restraints, [STOP, HOLD]);
  });
});
