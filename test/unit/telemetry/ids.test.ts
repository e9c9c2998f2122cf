import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { spanIdOf, traceIdOf } from '../../../src/telemetry/ids.ts';
import { createOnce } from '../../../src/telemetry/once.ts';

describe('ids of traces and spans', () => {
  test('are of the length that W3C Trace Context has, the same for the same thing and others for others', () => {
    assert.match(traceIdOf('default release/iam/1'), /^[0-9a-f]{32}$/);
    assert.match(spanIdOf('default release/iam/1'), /^[0-9a-f]{16}$/);
    assert.equal(traceIdOf('a'), traceIdOf('a'));
    assert.notEqual(traceIdOf('a'), traceIdOf('b'));
    assert.ok(!traceIdOf('a').startsWith(spanIdOf('a')), 'a span is told from its trace');
  });
});

describe('what was told already', () => {
  test('is told once, and forgotten when enough has been told since', () => {
    const isNew = createOnce(2);
    assert.deepEqual(['a', 'a', 'b', 'c', 'c', 'a'].map(isNew), [true, false, true, true, false, true]);
  });
});
