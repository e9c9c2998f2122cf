/** What every ReleaseRecords does. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { REMEMBERED } from '../../../src/ports/release-records.ts';
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

    test('keeps each kind apart from every other', async () => {
      const namespace = await subject.freshNamespace();
      for (const about of REMEMBERED) await subject.records.change(about, namespace, 'iam', () => `of ${about}`);
      for (const about of REMEMBERED)
        assert.equal(await subject.records.read(about, namespace, 'iam'), `of ${about}`, about);
    });

    test('decides on what stands there, and writes nothing where nothing is decided', async () => {
      const namespace = await subject.freshNamespace();
      const seen: (string | undefined)[] = [];
      const change = (text: string | undefined): Promise<void> =>
        subject.records.change('admission', namespace, 'iam', (known) => (seen.push(known), text));
      await change(undefined);
      assert.equal(await subject.records.read('admission', namespace, 'iam'), undefined);
      await change('one');
      await change(undefined);
      await change('two');
      assert.equal(await subject.records.read('admission', namespace, 'iam'), 'two');
      assert.deepEqual(seen, [undefined, undefined, 'one', 'one']);
      await subject.records.write('admission', namespace, 'iam', 'three');
      assert.equal(await subject.records.read('admission', namespace, 'iam'), 'three');
    });

    test('of many who decide at once each has seen what the one before has written', async () => {
      const namespace = await subject.freshNamespace();
      const add = (name: string): Promise<void> =>
        subject.records.change('admission', namespace, 'iam', (known) =>
          JSON.stringify([...(JSON.parse(known ?? '[]') as string[]), name]),
        );
      const names = ['a', 'b', 'c', 'd', 'e'];
      await Promise.all(names.map(add));
      const written = JSON.parse((await subject.records.read('admission', namespace, 'iam')) ?? '') as string[];
      assert.deepEqual(written.toSorted(), names);
    });

    test('what a decision throws is thrown, and nothing is written', async () => {
      const namespace = await subject.freshNamespace();
      const no = (): string => {
        throw new Error('too late');
      };
      await assert.rejects(subject.records.change('admission', namespace, 'iam', no), /too late/);
      assert.equal(await subject.records.read('admission', namespace, 'iam'), undefined);
    });

    test('does not lose a record for want of a namespace', async () => {
      const error = await rejection(subject.records.write('record', 'nowhere', 'iam', '{}'));
      assert.equal(error.code, 'namespace-missing');
      const changed = await rejection(subject.records.change('record', 'nowhere', 'iam', () => '{}'));
      assert.equal(changed.code, 'namespace-missing');
    });
  });
}
