/** What every ReleaseRecords does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { rejection } from './apply-suite.ts';
import type { ClusterSubject, MakeSubject, SuiteOptions } from './subject.ts';

export function releaseRecordsSuite(name: string, makeSubject: MakeSubject, options: SuiteOptions): void {
  describe(`release records, ${name}`, options, () => {
    let subject: ClusterSubject;
    before(async () => {
      subject = await makeSubject();
    });
    after(() => subject.close());

    test('has nothing at first', async () => {
      assert.equal(await subject.records.read('record', await subject.freshNamespace(), 'iam'), undefined);
    });

    test('gives back exactly what was written last, by service and namespace', async () => {
      const [one, other] = [await subject.freshNamespace(), await subject.freshNamespace()];
      const text = JSON.stringify({ version: '1', note: 'ünïcode "quotes"\nlines', empty: '' });
      await subject.records.write('record', one, 'iam', 'older');
      await subject.records.write('record', one, 'iam', text);
      await subject.records.write('record', one, 'billing', 'another service');
      assert.equal(await subject.records.read('record', one, 'iam'), text);
      assert.equal(await subject.records.read('record', one, 'billing'), 'another service');
      assert.equal(await subject.records.read('record', other, 'iam'), undefined);
    });

    test('writes the same record twice as once', async () => {
      const namespace = await subject.freshNamespace();
      await subject.records.write('record', namespace, 'iam', '{}');
      await subject.records.write('record', namespace, 'iam', '{}');
      assert.equal(await subject.records.read('record', namespace, 'iam'), '{}');
    });

    test('keeps what was let in apart from what ended well', async () => {
      const namespace = await subject.freshNamespace();
      await subject.records.write('admission', namespace, 'iam', '{"admitted":1}');
      assert.equal(await subject.records.read('record', namespace, 'iam'), undefined);
      await subject.records.write('record', namespace, 'iam', '{"ended":1}');
      assert.equal(await subject.records.read('admission', namespace, 'iam'), '{"admitted":1}');
      assert.equal(await subject.records.read('admission', namespace, 'billing'), undefined);
    });

    test('does not lose a record for want of a namespace', async () => {
      const error = await rejection(subject.records.write('record', 'nowhere', 'iam', '{}'));
      assert.equal(error.code, 'namespace-missing');
    });
  });
}
