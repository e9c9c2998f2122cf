import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, test } from 'node:test';
import { processTerminal } from '../../../src/cli/terminal.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { ROOT, read } from './import-walk.ts';

const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
const pages = tracked.filter((path) => path.endsWith('.md') && existsSync(posix.join(ROOT, path)));
const texts = pages.map((path) => ({ path, text: read(path) }));

/** Of the house, and of a package of its own where the page lies in one. */
function scriptsNear(path: string): ReadonlySet<string> {
  const own = posix.join(posix.dirname(path), 'package.json');
  return new Set(
    ['package.json', ...(existsSync(posix.join(ROOT, own)) ? [own] : [])].flatMap((file) =>
      Object.keys((JSON.parse(read(file)) as { scripts: Record<string, string> }).scripts),
    ),
  );
}

describe('when the documents are read', () => {
  test('every relative link and picture leads to something', () => {
    const broken = texts.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, link = '']) => posix.join(posix.dirname(path), link))
        .filter((target) => !existsSync(posix.join(ROOT, target)))
        .map((target) => `${path} → ${target}`),
    );
    assert.deepEqual(broken, []);
  });

  test('every npm script that they name exists', () => {
    const unknown = texts.flatMap(({ path, text }) =>
      [...text.matchAll(/npm run ([a-z:]+)/g)]
        .map(([, script = '']) => script)
        .filter((script) => !scriptsNear(path).has(script))
        .map((script) => `${path}: npm run ${script}`),
    );
    assert.deepEqual(unknown, []);
  });

  test('every sluice command and option that they show exists', () => {
    const program = buildProgram(processTerminal(true), () => undefined);
    const unknown = texts.flatMap(({ path, text }) =>
      [...text.matchAll(/^\s*(?:\$ )?sluice ([a-z]+)([^\n#]*)/gm)].flatMap(([, verb = '', rest = '']) => {
        const command = program.commands.find((one) => one.name() === verb);
        if (command === undefined) return [`${path}: sluice ${verb}`];
        const below = command.commands.find((one) => rest.startsWith(` ${one.name()} `));
        const known = [...command.options, ...(below?.options ?? []), ...program.options].map((one) => one.long);
        const used = [...rest.matchAll(/--[a-z][a-z-]*/g)].map(([option]) => option);
        return used.filter((option) => !known.includes(option)).map((option) => `${path}: sluice ${verb} ${option}`);
      }),
    );
    assert.deepEqual(unknown, []);
  });

  test('every page is two clicks from the README at most', () => {
    const linked = ({ path, text }: { path: string; text: string }): readonly string[] =>
      [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, link = '']) => posix.join(posix.dirname(path), link).replace(/\/$/, ''))
        .flatMap((target) => [target, `${target}/README.md`]);
    const first = linked({ path: 'README.md', text: read('README.md') });
    const second = texts.filter(({ path }) => first.includes(path)).flatMap(linked);
    const found = new Set(['README.md', ...first, ...second]);
    assert.deepEqual(
      pages.filter((path) => !found.has(path)),
      [],
    );
  });

  test('the README names every command of sluice', () => {
    const readme = read('README.md');
    const program = buildProgram(processTerminal(true), () => undefined);
    const commands = program.commands.map((one) => one.name()).filter((name) => !['help', 'complete'].includes(name));
    assert.ok(commands.length > 30);
    assert.deepEqual(
      commands.filter((name) => !new RegExp(`\\| .*\`${name}(?: [a-z]+)?\``).test(readme)),
      [],
    );
  });

  test("the README's map has every folder of the house", () => {
    const folders = new Set(tracked.filter((path) => /^[a-z]+\//.test(path)).map((path) => path.split('/')[0] ?? ''));
    const map = read('README.md').slice(read('README.md').indexOf('## The house'));
    assert.deepEqual(
      [...folders].filter((folder) => !map.includes(`\`${folder}/\``)),
      [],
    );
  });

  test('the list of decisions has every decision', () => {
    const decisions = tracked.filter((path) => /^docs\/adr\/\d{4}-/.test(path)).map((path) => posix.basename(path));
    const list = read('docs/adr/README.md');
    assert.ok(decisions.length > 0);
    assert.deepEqual(
      decisions.filter((name) => !list.includes(`(${name})`)),
      [],
    );
  });

  test("the architecture's table of ports has every port", () => {
    const ports = tracked
      .filter((path) => /^src\/ports\/[^/]+\.ts$/.test(path))
      .map((path) => posix.basename(path))
      .filter((name) => name !== 'environment-ports.ts' && name !== 'port-error.ts');
    const page = read('docs/architecture.md');
    assert.deepEqual(
      ports.filter((name) => !page.includes(`\`${name}\``)),
      [],
    );
  });
});
