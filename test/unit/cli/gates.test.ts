import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMemoryChecks } from '../../../src/adapters/external-checks/memory.ts';
import { gateFacts } from '../../../src/cli/gate-facts.ts';
import { renderGates } from '../../../src/cli/render/gates.ts';
import { formatTime } from '../../../src/cli/render/time.ts';
import { plain } from '../../../src/cli/terminal.ts';
import { askOutside, exitOfTrial, testGates } from '../../../src/cli/test-gates.ts';
import { GOOD, read } from '../config/written.ts';

const GATES =
  'gates: [{ soak: { in: dev, for: 30m } }, { freeze: { calendar: freezes.ics, zone: Europe/Berlin } }, { order: {} }]';
const config = read(GOOD.replace('lockImages: true', GATES));
const now = new Date('2026-11-24T12:00:00Z');
const wish = { service: 'iam', version: '2026.11.3', environment: 'production' };
const OPENS = '2026-12-26T23:00:00.000Z';
const soaked = 'dev=2026.11.3@2026-11-24T10:00Z';

const trial = (changed: Partial<Parameters<typeof gateFacts>[0]> = {}) =>
  testGates(config, gateFacts({ ...wish, ...changed }, now, 'ada'));

describe('when a gate asks outside', () => {
  const external = 'gates: [{ external: { url: "https://board.example.test/", secretFrom: { variable: BOARD } } }]';
  const asking = read(GOOD.replace('lockImages: true', external));
  const facts = gateFacts(wish, now, 'ada');

  test('nobody is asked unless that is wanted, and it waits', () => {
    const text = renderGates(testGates(asking, facts), plain);
    assert.match(
      text,
      new RegExp(`^wait +external +${formatTime('2026-11-24T12:15:00Z')} +board\\.example\\.test was not asked$`, 'm'),
    );
  });

  test('it may enter no sooner than whoever says wait is asked again; who was not asked may say yes at once', async () => {
    for (const said of [
      { answer: 'wait', reason: 'after lunch', until: '2026-11-24T14:00:00Z' },
      { answer: 'wait', reason: 'in a moment' },
      { answer: 'unknown', reason: 'no answer' },
    ] as const) {
      const { checks } = createMemoryChecks({ external: () => said });
      const trial = testGates(asking, await askOutside(asking, facts, checks));
      const until = formatTime('until' in said ? said.until : '2026-11-24T12:15:00Z');
      assert.match(renderGates(trial, plain), new RegExp(`at least until ${until}; then it may enter, if external`));
      assert.ok(trial.opening.at > facts.at);
    }
    assert.match(
      renderGates(testGates(asking, facts), plain),
      new RegExp(
        `^it waits for external; it may enter at ${formatTime(facts.at)}, if external of outside says yes$`,
        'm',
      ),
    );
  });

  test('what was said is judged as a zone would judge it', async () => {
    const { checks, asked } = createMemoryChecks({ external: () => ({ answer: 'no', reason: 'not this week' }) });
    const trial = testGates(asking, await askOutside(asking, facts, checks));
    assert.deepEqual(asked, [{ gate: 'external', facts }]);
    assert.equal(exitOfTrial(trial), 3);
    assert.match(renderGates(trial, plain), /board\.example\.test: not this week/);
  });
});

describe('when gates are tried', () => {
  test('every verdict is printed, and what they come to', () => {
    const text = renderGates(trial({ running: [soaked], at: '2026-12-24T16:00[Europe/Berlin]' }), plain);
    assert.deepEqual(text.split('\n'), [
      `iam 2026.11.3 into production at ${formatTime('2026-12-24T15:00:00.000Z')}`,
      'answer  gate    until                reason',
      'yes     stop                         nothing is stopped',
      'yes     hold                         nobody holds it',
      'yes     soak                         healthy for at least 1800 s in dev, since ' +
        formatTime('2026-11-24T10:00:00.000Z'),
      `wait    freeze  ${formatTime(OPENS)}  freeze window until Sun 2026-12-27 00:00 Europe/Berlin`,
      'yes     order                        nothing runs in production yet',
      `it waits for freeze, at least until ${formatTime(OPENS)}; then it may enter`,
    ]);
  });

  test('the exit code says whether it may enter, waits, or is refused', () => {
    assert.equal(exitOfTrial(trial({ running: [soaked] })), 0);
    assert.equal(exitOfTrial(trial()), 7);
    const older = [soaked, 'production=2027.1.1@2026-11-24T10:00Z'];
    assert.equal(exitOfTrial(trial({ running: older })), 3);
    assert.match(renderGates(trial({ running: older }), plain), /refused by order$/);
    assert.equal(exitOfTrial(trial({ running: older, allowOlder: true })), 0);
  });

  test('an environment without gates of its own has those that every environment has', () => {
    assert.deepEqual(
      trial({ environment: 'dev' }).verdicts.map((one) => one.gate),
      ['stop', 'hold'],
    );
    assert.equal(exitOfTrial(trial({ environment: 'dev' })), 0);
  });

  test('names that are not there are refused with a guess', () => {
    assert.throws(() => trial({ service: 'aim' }), { code: 'service-unknown' });
    assert.throws(() => trial({ environment: 'prodution' }), /did you mean "production"/);
    assert.throws(() => trial({ running: ['test=1@2026-11-24T10:00Z'] }), { code: 'environment-unknown' });
  });
});

describe('when facts are written', () => {
  const at = (text: string) => gateFacts({ ...wish, at: text }, now, 'ada').at;

  test('a time has an offset or a zone, else it is the one of this machine', () => {
    assert.equal(at('2026-12-24T16:00'), new Date('2026-12-24T16:00').toISOString());
    assert.equal(at('2026-12-24T16:00Z'), '2026-12-24T16:00:00.000Z');
    assert.equal(at('2026-12-24T16:00-05:00'), '2026-12-24T21:00:00.000Z');
    assert.equal(at('2026-07-24T16:00[Europe/Berlin]'), '2026-07-24T14:00:00.000Z');
    assert.equal(gateFacts(wish, now, 'ada').at, now.toISOString());
  });

  for (const text of ['tomorrow', '2026-12-24', '2026-02-30T10:00Z', '2026-12-24T16:00[Mars]', '']) {
    test(`"${text}" is no time`, () => assert.throws(() => at(text), { code: 'input-invalid' }));
  }

  for (const text of ['dev', 'dev=1', 'dev=1@', '=1@2026-12-24T16:00Z', 'dev=1@yesterday']) {
    test(`"${text}" does not say what runs`, () => {
      assert.throws(() => gateFacts({ ...wish, running: [text] }, now, 'ada'), { code: 'input-invalid' });
    });
  }

  test('a version that cannot be one is refused', () => {
    assert.throws(() => gateFacts({ ...wish, version: '../1' }, now, 'ada'), { code: 'version-malformed' });
  });

  test('who asks is you, unless said otherwise', () => {
    assert.equal(gateFacts(wish, now, 'ada').requestedBy, 'ada');
    assert.equal(gateFacts({ ...wish, requestedBy: 'grace' }, now, 'ada').requestedBy, 'grace');
  });
});
