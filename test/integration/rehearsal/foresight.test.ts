import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toolPath } from '../../../local/tools/tool-path.ts';
import { digestOf } from '../../../src/content/digest-of.ts';
import type { GateRule } from '../../../src/domain/gate.ts';
import type { ProofRules } from '../../../src/domain/proof.ts';
import type { EnvironmentRules, Rulebook } from '../../../src/domain/rulebook.ts';
import { packManifests } from '../../../src/manifests/artefact.ts';
import { foresee } from '../../../src/policy/gates/index.ts';
import { rehearse, standInDigest } from '../../../src/rehearsal/rehearse.ts';
import type { Rehearsal } from '../../../src/rehearsal/rehearsal.ts';
import { aRulebook, YAML } from '../../support/memory-world.ts';
import { calendarOf, dated, freezeOf, weekly } from '../../unit/policy/gates/facts.ts';

const program = toolPath('temporal-test-server');
const NEEDS_TEST_SERVER = {
  skip: program !== undefined || process.env['CI'] ? false : 'temporal-test-server is not installed: npm run setup',
} as const;

const VERSION = '2026.11.3';
const traveller = { service: 'iam', version: VERSION, requestedBy: 'ada', allowOlder: false };

const zone = 'Europe/Berlin';
const soak: GateRule = { kind: 'soak', name: 'soak', in: 'dev', forMs: 5_400_000 };
const mornings: GateRule = { kind: 'hours', name: 'hours', zone, days: ['Tue', 'Sun'], from: '02:30', to: '03:30' };
const ics = calendarOf(['DTSTART;VALUE=DATE:20321224', 'DTEND;VALUE=DATE:20330103', 'RRULE:FREQ=YEARLY']);
const year: GateRule = freezeOf({ form: 'calendar', file: 'f.ics', zone, ics });
const weekend = freezeOf(weekly(['Fri'], '16:00', '00:00'), weekly(['Sat', 'Sun'], '00:00', '00:00'));
const cel = `at < timestamp("2033-01-01T00:00:00Z")`;
const board: GateRule = { kind: 'external', name: 'board', url: 'https://board.example.test' };
const budget: GateRule = { kind: 'expression', name: 'budget', expression: cel, because: 'the budget ends' };

function withGates(gates: readonly GateRule[]): Rulebook {
  const rulebook = aRulebook();
  const staging = { ...(rulebook.environments['staging'] as EnvironmentRules), gates };
  const approval = { required: 1, from: ['leads'], notRequester: true, deadlineMs: 3_600_000 };
  return { ...rulebook, environments: { ...rulebook.environments, staging: { ...staging, approval } } };
}

function played(rulebook: Rulebook, at: string): Promise<Rehearsal> {
  return rehearse({
    ...traveller,
    rulebook,
    atMs: Date.parse(at),
    approveAfterMs: 0,
    running: [],
    testServer: program ?? '',
    signal: new AbortController().signal,
    async prepare(registry) {
      const stored = await registry.manifest('iam', { tag: VERSION });
      assert.ok(stored !== undefined);
      assert.equal(stored.digest, digestOf(stored.bytes));
      const files = ['dev', 'staging'].map((name) => ({ path: `${name}/iam.yaml`, bytes: Buffer.from(YAML) }));
      const { digest, mediaType, bytes } = stored;
      const packed = await packManifests(files, { digest, mediaType, size: bytes.byteLength });
      return { image: `iam@${digest}`, path: ['dev', 'staging'], packed };
    },
  });
}

describe('when what is foreseen is rehearsed', NEEDS_TEST_SERVER, () => {
  const cases: readonly (readonly [title: string, at: string, gates: readonly GateRule[]])[] = [
    ['a soak into a weekend', '2032-01-09T14:45:00Z', [soak, weekend]],
    ['hours that do not exist on the day clocks go forward', '2032-03-27T23:00:00Z', [mornings]],
    ['hours that occur twice on the day clocks go back', '2032-10-30T22:00:00Z', [soak, mornings]],
    ['somebody outside who is asked before a weekend', '2032-01-09T15:45:00Z', [board, weekend]],
    ['a calendar over the end of the year', '2032-12-23T22:00:00Z', [soak, year, weekend]],
    [
      'gates that open when the release has given up',
      '2032-01-09T14:45:00Z',
      [freezeOf(dated('2032-01-01T00:00', '2032-03-01T00:00'))],
    ],
    ['gates that are never open together', '2032-01-09T14:45:00Z', [weekend, { ...mornings, days: ['Sun'] }]],
    ['a soak where nothing will ever run', '2032-01-09T14:45:00Z', [{ ...soak, in: 'elsewhere' }]],
    ['a gate that says no by the time the other opens', '2032-12-23T22:00:00Z', [soak, year, budget]],
  ];
  for (const [title, at, gates] of cases) {
    test(`it comes out the same: ${title}`, async () => {
      const rulebook = withGates(gates);
      const digest = standInDigest('iam', VERSION);
      const { approval } = rulebook.environments['staging'] as EnvironmentRules;
      const legs = [
        { environment: 'dev', gates: [] },
        { environment: 'staging', gates, ...(approval === undefined ? {} : { approval }) },
      ];
      const [, foreseen] = foresee(legs, { ...traveller, at, digest });
      const { environments, outcome, events } = await played(rulebook, at);
      if (foreseen?.answer === 'unknown') {
        assert.equal(outcome, undefined);
        const last = events.at(-1);
        assert.match(last?.kind === 'given-up' ? last.reason : '', /waits for something that no time brings: soak/);
        return;
      }
      if (foreseen?.answer !== 'earliest') {
        assert.deepEqual([foreseen?.answer, outcome?.kind], ['never', 'refused']);
        return;
      }
      assert.equal(outcome?.kind, 'released', outcome?.reason);
      const entered = environments.at(-1)?.enteredAt ?? '';
      const lateMs = Date.parse(entered) - Date.parse(foreseen.at);
      // steps take an instant, and an instant is a little real time
      assert.ok(lateMs >= 0 && lateMs < 120_000, `entered ${entered}, foreseen ${foreseen.at}`);
    });
  }
});

describe('when environments want more proven than a stand-in can have', NEEDS_TEST_SERVER, () => {
  test('it is taken for granted, and the release goes its way', async () => {
    const rulebook = withGates([]);
    const proofs: ProofRules = {
      signatures: { need: 'all', of: ['builder', 'scanner'] },
      provenance: { by: ['builder'], sources: ['https://github.com/org/repo'] },
      vulnerabilities: { by: ['scanner'], noOlderThanMs: 1_000, most: { critical: 0 }, exceptions: [] },
      records: [{ of: 'dev' }],
    };
    const environments = Object.entries(rulebook.environments).map(([name, rules]) => [name, { ...rules, proofs }]);
    const rehearsal = await played(
      { ...rulebook, environments: Object.fromEntries(environments) },
      '2032-11-23T12:00:00Z',
    );
    assert.equal(rehearsal.outcome?.kind, 'released', JSON.stringify(rehearsal.outcome));
  });
});
