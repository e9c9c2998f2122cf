import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseManifests } from '../../../src/manifests/parse.ts';
import { file } from './files.ts';

function valueOf(yaml: string): unknown {
  const { objects, problems } = parseManifests([
    file('dev/a.yaml', `apiVersion: v1\nkind: X\nmetadata: {name: x}\nvalue: ${yaml}\n`),
  ]);
  assert.deepEqual(problems, []);
  return objects[0]?.object['value'];
}

describe('when values are read as kubectl reads them', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['yes', true],
    ['off', false],
    ['0644', 420],
    ['"0644"', '0644'],
    ['0x1f', 31],
    ['1_000', 1000],
    ['0o17', 15],
    ['.5', 0.5],
    ['-1.5e-3', -0.0015],
    ['e2', 'e2'],
    ['.', '.'],
    ['1.2.3', '1.2.3'],
    ['5m', '5m'],
    ['1.5', 1.5],
    ['1e3', 1000],
    ['~', null],
    ['2026-11-23', '2026-11-23'],
    ['2026-11-23T10:00:00Z', '2026-11-23T10:00:00Z'],
    ['22:22', '22:22'],
    ['1:30.5', '1:30.5'],
    ['9007199254740991', 9007199254740991],
    ['[1, "a", {b: c}]', [1, 'a', { b: 'c' }]],
    ['|\n  two\n  lines', 'two\nlines\n'],
  ];
  for (const [yaml, value] of cases) {
    test(`${JSON.stringify(yaml)} is ${JSON.stringify(value)}`, () => assert.deepEqual(valueOf(yaml), value));
  }

  test('keys follow the same rules: "y" is true, as for kubectl, but "e2" is no number', () => {
    assert.deepEqual(valueOf('{y: 1, e2: 2, ".": 3}'), { true: 1, e2: 2, '.': 3 });
  });

  test('anchors and merges are resolved', () => {
    assert.deepEqual(valueOf('[&a {x: 1}, {<<: *a, z: 2}, *a]'), [{ x: 1 }, { x: 1, z: 2 }, { x: 1 }]);
  });

  test('a key __proto__ is a key like any other', () => {
    const value = valueOf('{"__proto__": {"polluted": true}}') as object;
    assert.deepEqual(Object.keys(value), ['__proto__']);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });
});

describe('when a file holds several documents', () => {
  const X = 'apiVersion: v1\nkind: X\nmetadata: {name: x}\n';
  const cases: readonly (readonly [string, string, number])[] = [
    ['nothing', '', 0],
    ['only comments and separators', '---\n# nothing\n---\n---\n', 0],
    ['empty documents around one object', `---\n---\n${X}---\n`, 1],
    ['two objects', `${X}---\n${X}`, 2],
    ['a byte order mark', `\ufeff${X}`, 1],
    ['Windows line ends', X.replaceAll('\n', '\r\n'), 1],
    ['JSON', '{"apiVersion":"v1","kind":"X","metadata":{"name":"x"}}', 1],
    [
      'a list',
      `apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: X, metadata: {name: x}}\n  - {apiVersion: v1, kind: X, metadata: {name: z}}\n`,
      2,
    ],
    [
      'a list of one kind',
      'apiVersion: apps/v1\nkind: DeploymentList\nitems:\n  - {apiVersion: apps/v1, kind: Deployment, metadata: {name: x}}\n',
      1,
    ],
    ['an empty list', 'apiVersion: v1\nkind: List\nitems: []\n', 0],
    [
      'lists in a list',
      'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: List\n    items:\n      - {apiVersion: v1, kind: X, metadata: {name: x}}\n',
      1,
    ],
  ];
  for (const [name, text, count] of cases) {
    test(`${name}: ${count}`, () => {
      const { objects, problems } = parseManifests([file('dev/a.yaml', text)]);
      assert.deepEqual(problems, []);
      assert.equal(objects.length, count);
    });
  }

  test('every object knows its file and line, also inside a list', () => {
    const list = 'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: X\n    metadata:\n      name: x\n';
    const { objects } = parseManifests([file('dev/a.yaml', `${X}---\n${X}`), file('dev/b.yaml', list)]);
    assert.deepEqual(
      objects.map(({ where }) => where(['metadata', 'name'])),
      ['dev/a.yaml:3', 'dev/a.yaml:7', 'dev/b.yaml:7'],
    );
  });

  test('a place that the file does not have is told by the nearest around it', () => {
    const { objects } = parseManifests([file('dev/a.yaml', `${X}spec:\n  a: &a {b: 1}\n  c: *a\n`)]);
    assert.equal(objects[0]?.where(['spec', 'c', 'b']), 'dev/a.yaml:6');
    assert.equal(objects[0]?.where(['no', 'such']), 'dev/a.yaml:1');
    assert.equal(objects[0]?.where(), 'dev/a.yaml:1');
  });
});

describe('when a file does not parse', () => {
  const object = (rest: string): string => `apiVersion: v1\nkind: X\nmetadata: {name: x}\n${rest}`;
  const bomb =
    'a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c]\n';
  const cases: readonly (readonly [string, string, RegExp, string])[] = [
    ['an open bracket', object('a: [1\n'), /not valid YAML/, 'dev/a.yaml:'],
    ['a tab as indentation', 'apiVersion: v1\nkind: X\nmetadata:\n\tname: x\n', /tab/, 'dev/a.yaml:4'],
    ['the same key twice', object('a: 1\na: 2\n'), /same key occurs twice/, 'dev/a.yaml:5'],
    ['the same key twice in two spellings', object('a: {1: x, "1": y}\n'), /same key occurs twice/, 'dev/a.yaml:4'],
    ['the same number twice as key', object('a: {7: x, 07: y}\n'), /same key occurs twice/, 'dev/a.yaml:4'],
    ['a mapping as key', object('? {a: b}\n: c\n'), /no plain word/, 'dev/a.yaml:4'],
    ['a template that nobody filled in', object('a: {{ .Values.a }}\n'), /no plain word/, 'dev/a.yaml:4'],
    ['an alias without anchor', object('a: *nowhere\n'), /alias/, 'dev/a.yaml:'],
    ['aliases that multiply', object(bomb), /alias/, 'dev/a.yaml:1'],
    ['a binary value', object('a: !!binary aGVsbG8=\n'), /JSON does not have/, 'dev/a.yaml:4'],
    ['a set', object('a: !!set {x}\n'), /JSON does not have/, 'dev/a.yaml:4'],
    ['infinity', object('a: .inf\n'), /infinity/, 'dev/a.yaml:4'],
    ['a number too large', object('a:\n  b: 12345678901234567890\n'), /too large/, 'dev/a.yaml:5'],
    ['brackets without end', '['.repeat(20_000), /not valid YAML/, 'dev/a.yaml:1'],
    ['nesting too deep', object(`a: ${'['.repeat(80)}${']'.repeat(80)}\n`), /levels deep/, 'dev/a.yaml:4'],
    ['a text', 'hello', /expected a Kubernetes object/, 'dev/a.yaml:1'],
    ['a list of objects without List', '- {apiVersion: v1}', /expected a Kubernetes object/, 'dev/a.yaml:1'],
    ['no apiVersion', 'kind: X\nmetadata: {name: x}', /apiVersion is missing/, 'dev/a.yaml:1'],
    [
      'a kind that is a number',
      'apiVersion: v1\nkind: 5\nmetadata: {name: x}',
      /kind is missing or not a text/,
      'dev/a.yaml:2',
    ],
    ['no metadata', 'apiVersion: v1\nkind: X', /X has no metadata.name/, 'dev/a.yaml:1'],
    ['an empty name', 'apiVersion: v1\nkind: X\nmetadata:\n  name: ""', /X has no metadata.name/, 'dev/a.yaml:4'],
    [
      'a name that is a number',
      'apiVersion: v1\nkind: X\nmetadata:\n  name: 5',
      /X has no metadata.name/,
      'dev/a.yaml:4',
    ],
    ['metadata that is a text', 'apiVersion: v1\nkind: X\nmetadata: x', /X has no metadata.name/, 'dev/a.yaml:3'],
    [
      'lists in lists without end',
      `apiVersion: v1\nkind: List\nitems:\n${nestedLists(5)}`,
      /lists inside lists/,
      'dev/a.yaml:',
    ],
  ];
  for (const [name, text, message, where] of cases) {
    test(`${name} is a problem with its place`, () => {
      const { objects, problems } = parseManifests([file('dev/a.yaml', text)]);
      assert.equal(objects.length, 0);
      assert.match(problems[0]?.message ?? '', message);
      assert.ok(problems[0]?.where.startsWith(where), problems[0]?.where);
      assert.ok(problems.length <= 20);
    });
  }

  test('bytes that are no UTF-8 are a problem', () => {
    const { problems } = parseManifests([{ path: 'dev/a.yaml', bytes: Uint8Array.of(0xff, 0xfe, 0x41) }]);
    assert.deepEqual(problems, [{ where: 'dev/a.yaml', message: 'not UTF-8 text' }]);
  });

  test('all problems of all files are told at once, and the good ones are still read', () => {
    const good = 'apiVersion: v1\nkind: X\nmetadata: {name: x}';
    const files = [
      file('dev/a.yaml', 'a: [1'),
      file('dev/b.yaml', good),
      file('dev/c.yaml', 'kind: X\n---\napiVersion: v1'),
    ];
    const { objects, problems } = parseManifests(files);
    assert.equal(objects.length, 1);
    assert.deepEqual(new Set(problems.map(({ where }) => where.slice(0, 10))), new Set(['dev/a.yaml', 'dev/c.yaml']));
    assert.equal(problems.filter(({ where }) => where.startsWith('dev/c.yaml')).length, 2);
  });

  test('no message repeats what a broken Secret holds', () => {
    const secret = 'hunter2hunter2';
    const broken = [
      `apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  password: "${secret}\n`,
      `apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  password: ${secret}: ${secret}\n`,
      `apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n\t${secret}: x\n`,
      `apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: !${secret} {a: *${secret}}\n`,
      `apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {${secret}: 1, ${secret}: 2}\n`,
      `apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n  password: !!binary ${secret}\n`,
    ];
    for (const text of broken) {
      const { problems } = parseManifests([file('dev/secret.yaml', text)]);
      assert.ok(problems.length > 0, text);
      assert.ok(!JSON.stringify(problems).includes(secret), JSON.stringify(problems));
    }
  });
});

function nestedLists(depth: number): string {
  const indent = '  '.repeat(6 - depth);
  if (depth === 0) return '';
  return `${indent}- apiVersion: v1\n${indent}  kind: List\n${indent}  items:\n${nestedLists(depth - 1)}`;
}
