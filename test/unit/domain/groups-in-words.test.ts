import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupsInWords } from '../../../src/domain/groups-in-words.ts';

const rule = {
  ...{ required: 2, from: ['release-managers', 'leads'], notRequester: true, deadlineMs: 1 },
  further: [{ required: 1, from: ['security'], notRequester: false }],
};

test('whom an environment asks is said with its order', () => {
  assert.equal(groupsInWords(rule), '2 of release-managers, leads and 1 of security');
  assert.equal(groupsInWords({ ...rule, order: 'in-order' }), '2 of release-managers, leads, then 1 of security');
  assert.equal(groupsInWords({ ...rule, order: 'any-one' }), '2 of release-managers, leads or 1 of security');
});

test('a rule that names no group asks whoever may approve', () => {
  assert.equal(groupsInWords({ ...rule, from: [], further: [] }), '2 of people who may approve');
});
