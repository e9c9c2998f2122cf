import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { filesUnder, importsOf, read } from './import-walk.ts';
import { adapterOf } from './rooms.ts';

/** Files of `src/ports` that describe no part to be provided: an error, and the sum of the parts. */
const NO_PORTS = ['environment-ports', 'port-error'];
const MOST_METHODS = 5;
const MOST_LINES = 80;

interface Port {
  readonly file: string;
  readonly name: string;
  readonly methods: number;
}

/** The interface of a port file that has methods, by the convention of one port a file. */
function portOf(path: string): Port {
  const text = read(path);
  const found = [...text.matchAll(/export interface (\w+) \{\n([\s\S]*?)\n\}/g)]
    .map(([, name = '', body = '']) => ({ file: path, name, methods: (body.match(/^ {2}\w+\(/gm) ?? []).length }))
    .filter((one) => one.methods > 0);
  assert.equal(found.length, 1, `${path}: expected one interface with methods, got ${found.length}`);
  return found[0] as Port;
}

const ports = filesUnder('src/ports')
  .filter((path) => !NO_PORTS.includes(basename(path, '.ts')))
  .map(portOf);

/** Adapters that provide the port: a value, a function's result or a class of that type. */
function adaptersOf({ name }: Port): readonly string[] {
  const provides = new RegExp(`implements ${name}\\b|const \\w+: ${name} =|\\):\\s*${name}\\b`);
  const providers = filesUnder('src/adapters').filter((path) => provides.test(read(path)));
  return [...new Set(providers.map((path) => adapterOf(path) ?? path))];
}

/** `named` takes a name on trust and looks nothing up. */
const IN_MEMORY = /\/(?:memory|named)$/;

/** Suites for ports are in `test/ports`, one function for every implementation. */
const suites = filesUnder('test/ports').map((path) => ({ path, imports: importsOf(path, read(path)) }));

describe('when the ports are listed', () => {
  test('there are ports', () => {
    assert.ok(ports.length >= 10, `${ports.length} ports`);
  });

  for (const port of ports) {
    test(`${port.name} is small`, () => {
      assert.ok(port.methods <= MOST_METHODS, `${port.methods} methods, at most ${MOST_METHODS}`);
      const lines = read(port.file).trimEnd().split('\n').length;
      assert.ok(lines <= MOST_LINES, `${lines} lines, at most ${MOST_LINES}`);
    });

    test(`${port.name} has an adapter for the real thing and one in memory`, () => {
      const adapters = adaptersOf(port);
      assert.ok(
        adapters.some((one) => IN_MEMORY.test(one)),
        `none in memory: ${adapters.join(', ')}`,
      );
      assert.ok(
        adapters.some((one) => !IN_MEMORY.test(one)),
        `none for the real thing: ${adapters.join(', ')}`,
      );
    });

    test(`${port.name} has a suite that every adapter passes`, () => {
      const having = suites.filter((suite) => suite.imports.some((one) => one.to === port.file));
      assert.ok(having.length > 0, `no file of test/ports imports ${port.file}`);
    });
  }
});
