import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exitOfObservation } from '../../../src/cli/observe-release.ts';
import { observationSummary, observedVariables } from '../../../src/cli/pipeline/observation.ts';
import { VARIABLES } from '../../../src/cli/pipeline/variables.ts';
import { renderObservation } from '../../../src/cli/render/observation.ts';
import { plain } from '../../../src/cli/terminal.ts';
import type { ObservationResult, ObservedEnvironment } from '../../../src/contract/observation-workflow.ts';
import { gravest, OBSERVED_VERDICTS, verdictOfSteps } from '../../../src/domain/observed.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const DEV: ObservedEnvironment = {
  ...{ environment: 'dev', source: 'dev', verdict: 'would-be-released' },
  steps: [
    { step: 'plan', does: 'plan', answer: 'yes', says: 'plan sha256:1' },
    { step: 'import', does: 'import', answer: 'nothing', says: 'dev is where the image was pushed' },
  ],
  live: { digest: 'same', objects: 'other', says: 'runs exactly iam@sha256:aa' },
};
const PRODUCTION: ObservedEnvironment = {
  ...{ environment: 'production', source: 'staging', verdict: 'would-wait' },
  steps: [
    { step: 'gates', does: 'gates', answer: 'wait', says: 'hours: it is night', until: '2026-12-07T14:00:00Z' },
    { step: 'approval', does: 'ask', answer: 'wait', says: 'would ask 2 of release-managers' },
    { step: 'roll-out', does: 'roll out', answer: 'untried', says: 'would wait for deployment/iam' },
  ],
  live: { digest: 'other', objects: 'unknown', says: 'runs another one' },
};
const RESULT: ObservationResult = {
  ...{ format: 1, kind: 'observation', workflowId: 'observation/iam/1.0.0', runId: 'r1' },
  ...{ service: 'iam', version: '1.0.0', image: { repository: 'iam', digest: DIGEST }, manifests: DIGEST },
  ...{ requestedBy: 'pipeline', startedAt: '2026-12-01T08:00:00Z', endedAt: '2026-12-01T08:00:09Z' },
  ...{ verdict: 'would-wait', reason: 'production: it is night', environments: [DEV, PRODUCTION] },
};
const REFUSED: ObservationResult = {
  ...RESULT,
  ...{ verdict: 'would-be-refused', reason: 'dev: unsigned | `x` <b>' },
  refusal: { code: 'signature-missing', message: 'unsigned', remedy: 'sign it' },
};

describe('when an observation is told', () => {
  test('the exit code is that of a refusal, of something to mend, or of success', () => {
    const exits = OBSERVED_VERDICTS.map((verdict) => exitOfObservation({ ...RESULT, verdict }));
    assert.deepEqual(exits, [0, 0, 10, 3]);
  });

  test('the gravest answer decides, and what only doing it would tell decides nothing', () => {
    assert.equal(verdictOfSteps(['yes', 'untried', 'nothing']), 'would-be-released');
    assert.equal(verdictOfSteps(['wait', 'yes']), 'would-wait');
    assert.equal(verdictOfSteps(['wait', 'no', 'attention']), 'would-be-refused');
    assert.equal(verdictOfSteps(['wait', 'attention']), 'would-need-attention');
    assert.equal(gravest([]), 'would-be-released');
  });

  test('a person reads each step, who could answer, until when it waits, and what runs there', () => {
    const text = renderObservation(RESULT, plain, { production: ['ada', 'grace'] });
    assert.match(text, /would be released, after some waiting: production: it is night/);
    assert.match(text, /gates +waits +hours: it is night; asked again \w{3} 2026-12-/);
    assert.match(text, /approval +waits .*\(who could answer now: ada, grace\)/);
    assert.match(text, /roll-out +\? /);
    assert.match(text, /now +runs another one/);
    assert.match(text, /Nothing was changed/);
  });

  test('a refusal is told with its code and what to do', () => {
    const dev = { ...DEV, steps: [{ ...DEV.steps[0], answer: 'no', says: 'unsigned', refusal: REFUSED.refusal }] };
    const text = renderObservation({ ...REFUSED, environments: [dev as ObservedEnvironment] }, plain);
    assert.match(text, /do +sign it/);
    assert.match(text, /plan +no +unsigned \(signature-missing\)/);
  });

  test('the page says per environment what would be, what is, and whether that is the same', () => {
    const page = observationSummary(RESULT);
    assert.match(page, /^## iam 1\.0\.0: would be released, after some waiting \(observed\)/);
    assert.match(page, /\| dev \| would be released \| runs exactly iam\\@sha256:aa \| yes \| \*\*no\*\* \|/);
    assert.match(page, /\| production \| [^|]+ \| runs another one \| \*\*no\*\* \| not known \|/);
    assert.match(page, /\| approval \| wait \| would ask 2 of release-managers \|/);
  });

  test('nothing that somebody wrote is markup on the page', () => {
    const page = observationSummary(REFUSED);
    assert.match(page, /dev: unsigned \\\| \\`x\\` &lt;b&gt; \(`signature-missing`\); sign it/);
  });

  test('a pipeline finds the variables that it has of a release', () => {
    const variables = observedVariables(RESULT);
    assert.deepEqual(Object.keys(variables).toSorted(), VARIABLES.toSorted());
    assert.deepEqual(
      [variables.verdict, variables.environment, variables.releaseId, variables.outcome],
      ['would-wait', 'dev', 'observation/iam/1.0.0', ''],
    );
    assert.equal(variables.waitingFor, 'hours: it is night; would ask 2 of release-managers');
  });
});
