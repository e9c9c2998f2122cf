/** docs/migration.md says of states and gates what the code says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { migrationSchema } from '../../../src/migration/file/schema.ts';
import { MEANING, STATES } from '../../../src/migration/states.ts';

const page = readFileSync(new URL('../../../docs/migration.md', import.meta.url), 'utf8');
const rows = page.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));

test('every state stands on the page with who deploys, what holds and what is done in it', () => {
  for (const state of STATES) {
    const { deploys, holds, todo } = MEANING[state];
    const row = rows.find((cells) => cells[1] === `\`${state}\``);
    assert.deepEqual(row?.slice(2, 5), [deploys, holds, todo], state);
  }
});

test('every gate of the schema stands on the page', () => {
  const gates = migrationSchema().properties?.['gates']?.properties?.['done']?.items?.anyOf ?? [];
  const kinds = gates.flatMap(({ properties = {} }) => Object.keys(properties));
  assert.ok(kinds.length >= 7, kinds.join(', '));
  for (const kind of kinds)
    assert.ok(
      rows.some((cells) => cells[1] === `\`${kind}\``),
      kind,
    );
});
