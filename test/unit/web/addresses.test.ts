import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { releaseHref, temporalLink } from '../../../src/web/links.ts';
import { queryOf, requestOf } from '../../../src/web/list-query.ts';
import { routeOf } from '../../../src/web/routes.ts';

describe('when addresses are read', () => {
  const on = (path: string): unknown => routeOf(new URL(`http://server${path}`));

  test('a page and its JSON twin are told apart, also for a version that ends in .json', () => {
    assert.deepEqual(on('/releases/iam/1.0'), { to: 'release', form: 'page', key: { service: 'iam', version: '1.0' } });
    assert.deepEqual(on('/releases/iam/1.0.json'), {
      to: 'release',
      form: 'json',
      key: { service: 'iam', version: '1.0' },
    });
    const odd = { service: 'iam', version: 'a.json' };
    assert.deepEqual(on(releaseHref(odd)), { to: 'release', form: 'page', key: odd });
    assert.deepEqual(on('/releases/iam/a%2Fb'), {
      to: 'release',
      form: 'page',
      key: { service: 'iam', version: 'a/b' },
    });
  });

  test('filters survive the way to an address and back; empty fields of a form are none', () => {
    const request = {
      limit: 50,
      service: 'iam',
      environment: 'test',
      outcome: 'refused',
      waiting: true,
      after: 'x_-1',
    } as const;
    assert.deepEqual(requestOf(new URLSearchParams(queryOf(request))), request);
    assert.deepEqual(requestOf(new URLSearchParams('service=&outcome=&waiting=approval')), {
      limit: 50,
      waiting: 'approval',
    });
  });

  test("Temporal's screen is linked where somebody said where it is", () => {
    assert.equal(temporalLink(undefined, 'n')('a'), undefined);
    assert.equal(
      temporalLink('http://t/', 'my ns')('release/iam/1'),
      'http://t/namespaces/my%20ns/workflows/release%2Fiam%2F1',
    );
  });

  test('the address of a question names release and environment', () => {
    const key = { service: 'iam', version: '1.0.json' };
    assert.deepEqual(on('/releases/iam/1.0.json/dev/answer'), { to: 'question', key, environment: 'dev' });
    for (const path of [
      '/releases/iam/1/dev',
      '/releases/iam/1/dev/answer/',
      '/releases/iam/1//answer',
      '/releases/iam/1/dev/x',
    ]) {
      assert.equal(on(path), undefined, path);
    }
  });
});
