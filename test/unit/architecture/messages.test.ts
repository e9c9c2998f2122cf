import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ROOT, read } from './import-walk.ts';

/** `defineUpdate<Answer, [Payload]>('name')`, in the file of the workflow that listens. */
const DEFINED = /define(Query|Update|Signal)<(.*)>\('(\w+)'\)/g;

/** What a desk says to promotions stands beside the desk's own messages. */
const TO_PROMOTIONS = ['turn', 'restraints'];

function messages(): string[] {
  const folder = join(ROOT, 'src/contract');
  return readdirSync(folder).flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(DEFINED)].map(([, kind = '', types = '', name = '']) => {
      const workflow = TO_PROMOTIONS.includes(name) ? 'promotion' : file.replace('-workflow.ts', '');
      const [, answer = '', payload = ''] = /^(?:([^,[\]]*)(?:, )?)?(?:\[(.*)\])?$/.exec(types) ?? [];
      const takes = payload.replace(/^readonly /, '');
      return [workflow, kind.toLowerCase(), name, takes, answer].join(' ');
    }),
  );
}

function rows(): string[] {
  let workflow = '';
  return read('docs/library.md')
    .split('\n')
    .filter((line) => /\| (?:query|update|signal) +\|/.test(line))
    .map((line) => {
      const [id = '', kind = '', name = '', takes = '', answers = ''] = line
        .split('|')
        .slice(1)
        .map((cell) => cell.trim().replaceAll('`', ''));
      workflow = id === '' ? workflow : (id.split('/')[0] ?? '');
      return [workflow, kind, name, takes, answers].join(' ');
    });
}

describe('when docs/library.md lists what crosses Temporal', () => {
  test('it has every query, update and signal of the contract, with its payload and answer, and nothing else', () => {
    assert.ok(messages().length > 20);
    assert.deepEqual(rows().toSorted(), messages().toSorted());
  });

  test('it has every function of the client', () => {
    const source = read('src/client/release-client.ts');
    const declared = source.slice(
      source.indexOf('interface ReleaseClient'),
      source.indexOf('export async function connect'),
    );
    const names = [...declared.matchAll(/^ {2}(\w+)\(/gm)]
      .map(([, name = '']) => name)
      .filter((name) => name !== 'close');
    assert.ok(names.length > 20);
    const page = read('docs/library.md');
    assert.deepEqual(
      names.filter((name) => !page.includes(`\`${name}\``)),
      [],
    );
  });
});
