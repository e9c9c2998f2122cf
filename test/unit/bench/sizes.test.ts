import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { sizeOf, sumOf } from '../../../bench/sizes/count.ts';
import { PAGE, pageWithTable } from '../../../bench/sizes/print.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const STORED = 'test/integration/replay/histories/0.3.0/released.release.json';

type Told = readonly [type: string, attributes?: object];

/** As `temporal workflow show --output json` has it. */
function historyOf(...events: readonly Told[]): unknown {
  return {
    events: events.map(([eventType, attributes], at) => ({
      ...{ eventId: String(at + 1), eventType: `EVENT_TYPE_${eventType}` },
      ...(attributes ?? { [attributesOf(eventType)]: {} }),
    })),
  };
}

/** `timerStartedEventAttributes` of `TIMER_STARTED`. */
function attributesOf(eventType: string): string {
  return `${eventType.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())}EventAttributes`;
}

const actions = (...events: readonly Told[]): number => sizeOf(historyOf(...events)).actions;
const upsert = (...names: readonly string[]): object => ({
  upsertWorkflowSearchAttributesEventAttributes: {
    searchAttributes: { indexedFields: Object.fromEntries(names.map((name) => [name, { data: 'IngiIg==' }])) },
  },
});

describe('when the billable actions of a history are counted', () => {
  test('an activity is one for each attempt, however it ended', () => {
    assert.equal(actions(['ACTIVITY_TASK_STARTED', { activityTaskStartedEventAttributes: { attempt: 4 } }]), 4);
    assert.equal(actions(['ACTIVITY_TASK_SCHEDULED'], ['ACTIVITY_TASK_COMPLETED']), 0);
  });

  test('a child is one with its parent and one of its own', () => {
    assert.equal(
      actions(['START_CHILD_WORKFLOW_EXECUTION_INITIATED'], ['CHILD_WORKFLOW_EXECUTION_STARTED']) +
        actions(['WORKFLOW_EXECUTION_STARTED'], ['WORKFLOW_EXECUTION_COMPLETED']),
      2,
    );
  });

  test('a message counts where it arrives, and an update once', () => {
    assert.equal(
      actions(['SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED'], ['EXTERNAL_WORKFLOW_EXECUTION_SIGNALED']),
      0,
    );
    assert.equal(actions(['WORKFLOW_EXECUTION_SIGNALED']), 1);
    assert.equal(actions(['WORKFLOW_EXECUTION_UPDATE_ACCEPTED'], ['WORKFLOW_EXECUTION_UPDATE_COMPLETED']), 1);
  });

  test('attributes written together are one, and those of the SDK are none', () => {
    assert.equal(actions(['UPSERT_WORKFLOW_SEARCH_ATTRIBUTES', upsert('SluiceService', 'SluiceVersion')]), 1);
    assert.equal(actions(['UPSERT_WORKFLOW_SEARCH_ATTRIBUTES', upsert('TemporalChangeVersion')]), 0);
  });

  test('markers of one workflow task are one', () => {
    const marker = (workflowTaskCompletedEventId: string): [string, object] => [
      'MARKER_RECORDED',
      { markerRecordedEventAttributes: { markerName: 'core_patch', workflowTaskCompletedEventId } },
    ];
    assert.equal(actions(marker('4'), marker('4'), marker('9')), 2);
  });

  test('several histories are the sum of each', () => {
    const one = sizeOf(historyOf(['TIMER_STARTED'], ['TIMER_FIRED']));
    assert.deepEqual(sumOf([one, one]), { events: 4, bytes: 2 * one.bytes, actions: 2 });
    assert.ok(one.bytes > 0);
  });
});

describe('when "npm run sizes" is called', () => {
  test('the table of docs/production.md is what the stored histories say', () => {
    const page = readFileSync(PAGE, 'utf8');
    assert.ok(page === pageWithTable(page), 'run "npm run sizes" and look at what it changes');
    assert.ok(page.includes('a promotion that one person approves'));
  });

  test('a file is counted with what is billed beside it', async () => {
    const { stdout } = await run(process.execPath, ['bench/sizes/print.ts', STORED], { cwd: ROOT });
    const { events, actions } = sizeOf(JSON.parse(readFileSync(`${ROOT}${STORED}`, 'utf8')));
    assert.match(stdout, new RegExp(`^ +${events} +\\d+ +${actions}  ${STORED}$`, 'm'));
    assert.match(stdout, /heartbeats/);
  });

  test('a file that is no history, and one that is not there, are named, with exit code 2', async () => {
    for (const [file, says] of [
      ['package.json', /^package\.json: Invalid history/],
      ['nowhere', /^nowhere: no such file or folder/],
    ] as const)
      await assert.rejects(run(process.execPath, ['bench/sizes/print.ts', file], { cwd: ROOT }), (error) => {
        const { code, stderr } = error as { code: number; stderr: string };
        assert.equal(code, 2);
        assert.match(stderr, says);
        return true;
      });
  });
});
