import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { peopleAsked } from '../../../src/rehearsal/people.ts';

const group = (required: number, ...from: readonly string[]) => ({ required, from, notRequester: true });
const rule = { ...group(2, 'release-managers', 'leads'), deadlineMs: 1 };
const names = (asked: Parameters<typeof peopleAsked>[0]) => peopleAsked(asked).map((one) => one.name);

describe('when people are rehearsed', () => {
  test('there are as many of each group as are asked, and nobody twice', () => {
    assert.deepEqual(names(rule), ['release-managers 1', 'release-managers 2']);
    const further = [group(1, 'security'), group(1, 'release-managers')];
    const all = ['release-managers 1', 'release-managers 2', 'security 1', 'release-managers 3'];
    assert.deepEqual(names({ ...rule, further, order: 'in-order' }), all);
  });

  test('where one group is enough, the smallest answers', () => {
    assert.deepEqual(names({ ...rule, further: [group(1, 'security')], order: 'any-one' }), ['security 1']);
  });

  test('a rule without groups is answered by somebody', () => {
    assert.deepEqual(names({ ...group(1), deadlineMs: 1 }), ['approvers 1']);
  });
});
