/** What a pipeline's agent, its later steps and its summary get, for each way in which it can end, whatever people have written. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import type { ReleaseView, WatchEvent } from '../../../../src/client/index.ts';
import { EXIT, type ExitCode } from '../../../../src/cli/exit-codes.ts';
import type { Verdict } from '../../../../src/cli/follow.ts';
import { jsonWithoutCommands, withoutCommands } from '../../../../src/cli/pipeline/harmless.ts';
import { journeyOf, journeyOfRollback } from '../../../../src/cli/pipeline/journey.ts';
import { summaryOf } from '../../../../src/cli/pipeline/markdown.ts';
import type { Pipeline } from '../../../../src/cli/pipeline/options.ts';
import { listenerOf, report } from '../../../../src/cli/pipeline/report.ts';
import { VARIABLES } from '../../../../src/cli/pipeline/variables.ts';
import { voiceOf } from '../../../../src/cli/pipeline/voice.ts';
import { plain, type Terminal } from '../../../../src/cli/terminal.ts';
import { OUTCOMES, type OutcomeKind } from '../../../../src/domain/outcome.ts';
import { commandsIn } from '../../../support/agent.ts';
import { AT, aPromotion, aRelease, aView, DIGEST } from '../../client/views.ts';

const SERVICES = ['azure', 'github'] as const;
type Service = (typeof SERVICES)[number];

/** As the process's own in a pipeline, with what it would have written. */
function recording(): { readonly terminal: Terminal; log(): string } {
  const lines: string[] = [];
  const terminal: Terminal = {
    ...{ json: false, paint: plain, gone: new AbortController().signal },
    say: (text) => void lines.push(withoutCommands(text)),
    note: (text) => void lines.push(withoutCommands(text)),
    sayJson: (value) => void lines.push(jsonWithoutCommands(JSON.stringify(value))),
    command: (line) => void lines.push(line),
  };
  return { terminal, log: () => lines.join('\n') };
}

const ended = (kind: OutcomeKind, reason = `because of ${kind}`): ReleaseView =>
  aView({ release: aRelease({ phase: 'finished', outcome: { kind, reason }, endedAt: AT }), promotions: [] });

describe('when a pipeline has waited', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-report-'));
    for (const name of ['outputs', 'steps.md']) writeFileSync(join(folder, name), '');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const pipeline = (service: Service, more: Partial<Pipeline> = {}): Pipeline => ({
    voice: voiceOf(service),
    run: {
      ...{ service, pullRequest: false, fork: false, temporaryFolder: folder },
      ...{ outputFile: join(folder, 'outputs'), summaryFile: join(folder, 'steps.md') },
    },
    ...{ waitingOk: false, heartbeatMs: 60_000 },
    ...more,
  });

  async function told(
    service: Service,
    verdict: Verdict,
    exit: ExitCode,
    view: ReleaseView,
    more: Partial<Pipeline> = {},
  ) {
    const { terminal, log } = recording();
    const code = await report({ exit, verdict }, journeyOf(view), pipeline(service, more), terminal);
    return { code, ...commandsIn(log(), service), log: log() };
  }

  const EXPECTED: Readonly<Record<OutcomeKind, readonly [ExitCode, readonly string[]]>> = {
    released: [EXIT.ok, []],
    refused: [EXIT.refused, ['error']],
    'rolled-back': [EXIT.rolledBack, ['error']],
    aborted: [EXIT.aborted, ['error']],
    superseded: [EXIT.superseded, ['warning']],
  };
  for (const kind of OUTCOMES) {
    const [exit, levels] = EXPECTED[kind];
    for (const service of SERVICES) {
      test(`${kind} is exit code ${exit} in ${service}, with ${levels.join() || 'no annotation'}, variables and summary`, async () => {
        const { code, issues, variables, others, summaries } = await told(service, kind, exit, ended(kind));
        assert.equal(code, exit);
        assert.deepEqual([issues.map(({ level }) => level), others], [levels, []]);
        const lines = readFileSync(join(folder, 'outputs'), 'utf8').trimEnd().split('\n');
        const outputs = service === 'azure' ? variables : Object.fromEntries(lines.map((line) => line.split(/=(.*)/s)));
        assert.deepEqual(Object.keys(outputs), [...VARIABLES]);
        assert.deepEqual(
          [outputs['verdict'], outputs['outcome'], outputs['reason'], outputs['digest']],
          [kind, kind, `because of ${kind}`, DIGEST],
        );
        const file = service === 'azure' ? (summaries[0] ?? '') : join(folder, 'steps.md');
        const summary = readFileSync(file, 'utf8');
        assert.ok(summary.startsWith(`## iam 1\\.0\\.0: ${kind}\n`.replaceAll('\\', '')), summary);
        assert.match(summary, /\*\*What now\*\*\n\n- /);
      });
    }
  }

  test('a wait that is over fails the job, or by the option only marks it', async () => {
    const late = await told('azure', 'waiting', EXIT.waiting, aView());
    assert.deepEqual([late.code, late.issues.map(({ level }) => level)], [EXIT.waiting, ['warning']]);
    const quiet = await told('azure', 'waiting', EXIT.waiting, aView(), { waitingOk: true });
    assert.equal(quiet.code, EXIT.ok);
    assert.match(quiet.log, /##vso\[task\.complete result=SucceededWithIssues;\]/);
    const interrupted = await told('azure', 'interrupted', EXIT.interrupted, aView(), { waitingOk: true });
    assert.equal(interrupted.code, EXIT.interrupted);
  });

  test('where the service names no file, that is said', async () => {
    const run = { service: 'github', pullRequest: false, fork: false } as const;
    const { log } = await told('github', 'released', EXIT.ok, ended('released'), { run });
    assert.match(log, /GITHUB_OUTPUT is not set/);
    assert.match(log, /GITHUB_STEP_SUMMARY is not set/);
  });

  test('a roll-back says where it went, and that nothing new gets in', () => {
    const standing = aPromotion({ environment: 'production', version: '0.9.0' });
    const fields = { service: 'iam', environment: 'production', reason: 'errors', requestedBy: 'grace' };
    const outcome = { kind: 'released', reason: 'it is back' } as const;
    const journey = journeyOfRollback({ format: 1, kind: 'rollback', ...fields, to: '0.9.0', outcome, standing });
    const summary = summaryOf('released', journey);
    assert.match(summary, /^## roll-back of iam in production: released\n/);
    assert.match(summary, /`sluice hold lift iam --environment production`/);
  });

  const word = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc
      .array(
        fc.constantFrom(
          '##vso[',
          '##[',
          '::',
          'task.setvariable',
          'set-output',
          ' name=x',
          ']',
          '::y',
          '\n',
          '\r',
          '%0A',
          '%AZP25',
          '#',
          '|',
          '<b>',
          '`',
        ),
        { maxLength: 8 },
      )
      .map((parts) => parts.join('')),
  );

  test('whatever people have written, the agent obeys nobody else and nothing is markup', async () => {
    await fc.assert(
      fc.asyncProperty(word, fc.constantFrom(...SERVICES), async (text, service) => {
        const hostile = `${text}x`;
        const attention = { code: 'internal', message: hostile, remedy: hostile, step: 'import', since: AT } as const;
        const waiting = { reason: hostile, for: hostile, since: AT, answer: [hostile] };
        const promotion = aPromotion({ attention, waiting });
        const release = aRelease({ requestedBy: hostile });
        const views = [aView({ release, promotions: [promotion] }), ended('refused', hostile)];
        for (const view of views) {
          const { others, variables, issues } = await told(service, 'refused', EXIT.refused, view);
          assert.deepEqual(others, []);
          assert.ok(
            issues.length === 1 && Object.keys(variables).every((name) => VARIABLES.includes(name as 'verdict')),
          );
          const summary = summaryOf('refused', journeyOf(view));
          assert.ok(!/<b>|\r/.test(summary));
        }
        const { terminal, log } = recording();
        const listener = listenerOf(pipeline(service), terminal);
        for (const kind of ['step', 'waiting', 'attention', 'answer-refused'] as const) {
          const event: WatchEvent = { at: AT, kind, text: hostile, environment: 'dev', answer: [hostile] };
          listener.event(event);
        }
        listener.close();
        terminal.sayJson({ [hostile]: hostile });
        const { others, groups, issues } = commandsIn(log(), service);
        assert.deepEqual([others, groups, issues.length], [[], ['dev', 'dev'], 2]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('when JSON is written for an agent to overlook', () => {
  test('it is the same value', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('##vso[a]', '\\##[b]', '###vso[', '#\u00ad#v\u200dso['), (json, text) => {
        const value: unknown = [JSON.parse(json), text];
        const written = jsonWithoutCommands(JSON.stringify(value));
        assert.deepEqual(JSON.parse(written), value);
        assert.ok(!/##(?:vso)?\[/i.test(written.replaceAll(/\p{DI}/gu, '')));
      }),
    );
  });
});
