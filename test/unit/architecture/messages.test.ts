import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contractMessages } from './contract-messages.ts';
import { read } from './import-walk.ts';

function messages(): string[] {
  return contractMessages().map(({ workflow, kind, name, takes, answers }) =>
    [workflow, kind, name, takes, answers].join(' '),
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
