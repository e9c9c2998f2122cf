import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { behaviourUnder, parseBehaviour, SILENT } from '../../../local/nodes/behaviour.ts';
import { containerLog } from '../../../local/nodes/container-log.ts';
import { bodyOf, startProgram } from '../../../local/nodes/program.ts';
import { BEHAVIOUR_PATH, healthy, unhealthyIn } from '../../../examples/behaviour.ts';
import * as nodes from '../../../local/nodes/behaviour.ts';

const STAGING = { ENVIRONMENT: 'staging' };

describe('a behaviour file', () => {
  test('of the examples is understood, and lies where the nodes look', () => {
    assert.equal(BEHAVIOUR_PATH, nodes.BEHAVIOUR_PATH);
    const parsed = parseBehaviour(JSON.stringify(unhealthyIn('2', ['staging'])));
    assert.equal(behaviourUnder(parsed, { ENVIRONMENT: 'dev' }).responses['/health']?.status, 200);
    assert.equal(behaviourUnder(parsed, STAGING).responses['/health']?.status, 500);
    assert.equal(behaviourUnder(parsed, STAGING).responses['/ready']?.status, 200);
    assert.equal(parseBehaviour(JSON.stringify(healthy('1'))).fail, null);
  });

  test('may be empty: the program runs and listens to nothing', () => {
    assert.deepEqual(parseBehaviour('{}'), SILENT);
    assert.equal(SILENT.listen, undefined);
  });

  const WRONG: [string, string, RegExp][] = [
    ['no JSON', '{', /sluice\/behaviour.json: .*JSON/],
    ['no object', '[]', /\(top\)/],
    ['port 0', '{"listen":0}', /listen: /],
    ['port 65536', '{"listen":65536}', /listen: /],
    ['status 99', '{"responses":{"/":{"status":99}}}', /responses\.\/\.status/],
    ['status 101, which is no final answer', '{"responses":{"/":{"status":101}}}', /responses\.\/\.status/],
    ['status 600', '{"responses":{"/":{"status":600}}}', /responses\.\/\.status/],
    ['a path without slash', '{"responses":{"health":{}}}', /responses/],
    ['an unknown failure', '{"fail":"explode"}', /fail/],
    ['two mistakes, both named', '{"listen":0,"fail":"explode"}', /listen.*fail/],
  ];
  for (const [what, text, message] of WRONG) {
    test(`is refused: ${what}`, () => assert.throws(() => parseBehaviour(text), message));
  }

  const WHEN: [string, Record<string, string>, number][] = [
    ['no variable set', {}, 200],
    ['one of two', { A: '1' }, 200],
    ['both', { A: '1', B: '2' }, 500],
    ['both, and others', { A: '1', B: '2', C: '3' }, 500],
    ['another value', { A: '1', B: '22' }, 200],
    ['the later of two that count', { A: '1', B: '2', LAST: 'yes' }, 503],
  ];
  for (const [what, env, status] of WHEN) {
    test(`changes where all variables have their values: ${what}`, () => {
      const parsed = parseBehaviour(
        JSON.stringify({
          responses: { '/': { status: 200 } },
          when: [
            { env: { A: '1', B: '2' }, responses: { '/': { status: 500 } } },
            { env: { LAST: 'yes' }, responses: { '/': { status: 503 } } },
          ],
        }),
      );
      assert.equal(behaviourUnder(parsed, env).responses['/']?.status, status);
    });
  }

  test('may change everything, not only answers', () => {
    const parsed = parseBehaviour(
      JSON.stringify({ listen: 1, when: [{ env: STAGING, listen: 2, fail: 'crash-loop' }] }),
    );
    const { listen, fail } = behaviourUnder(parsed, STAGING);
    assert.deepEqual([listen, fail], [2, 'crash-loop']);
  });
});

describe('a running program', () => {
  const start = (behaviour: unknown) => {
    const log = containerLog();
    return { log, program: startProgram(parseBehaviour(JSON.stringify(behaviour)), log) };
  };
  const web = { listen: 8080, responses: { '/a': { status: 201, body: { x: 1 } }, '/text': { body: 'hi' } } };

  const ASKED: [number, string, number | 'refused'][] = [
    [8080, '/a', 201],
    [8080, '/a?b=c', 201],
    [8080, '/a/', 404],
    [8080, '/b', 404],
    [8081, '/a', 'refused'],
  ];
  for (const [port, path, expected] of ASKED) {
    test(`answers ${expected} to ${port}${path}`, () => {
      const answer = start(web).program.answer(port, path);
      assert.equal(answer.kind === 'refused' ? 'refused' : answer.status, expected);
    });
  }

  test('refuses connections before it listens, and for ever when it crashes first', () => {
    for (const changes of [{ start: { afterMs: 60_000 } }, { fail: 'crash-loop' }]) {
      assert.equal(start({ ...web, ...changes }).program.answer(8080, '/a').kind, 'refused');
    }
  });

  test('logs its own lines, then what it answered', () => {
    const { log, program } = start({ ...web, log: ['starting', 'listening'] });
    program.answer(8080, '/a');
    program.answer(8080, '/none');
    program.answer(1, '/a');
    assert.deepEqual(log.lines(), ['starting', 'listening', 'GET /a 201', 'GET /none 404']);
    assert.deepEqual(log.lines(1), ['GET /none 404']);
    assert.deepEqual(log.lines(0), []);
    assert.match(log.lines(1, true)[0] ?? '', /^\d{4}-.*Z GET \/none 404$/);
  });

  test('keeps a bounded log', () => {
    const log = containerLog();
    for (let line = 0; line < 10_000; line++) log.say(String(line));
    assert.equal(log.lines().length, 500);
    assert.equal(log.lines().at(-1), '9999');
  });

  test('sends text as text and everything else as JSON', () => {
    assert.deepEqual(bodyOf({ body: 'hi' }), { text: 'hi', type: 'text/plain; charset=utf-8' });
    assert.deepEqual(bodyOf({ body: { a: 1 } }), { text: '{"a":1}', type: 'application/json' });
    assert.deepEqual(bodyOf({ body: null }), { text: 'null', type: 'application/json' });
  });
});
