/** A runbook is typed by somebody in a hurry: each command in it must be one, and each part must be where it is in the others. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { typed } from '../../support/typed.ts';

const FOLDER = new URL('../../../docs/runbooks/', import.meta.url);
const PARTS = ['Symptom', 'Alert', 'Check', 'Act', 'Verify', 'Do not', 'Undo'];
const names = readdirSync(FOLDER).filter((name) => name !== 'README.md');
const textOf = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');

/** Lines of the blocks that are meant to be typed. */
function commandsIn(text: string): readonly string[] {
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.split('\n').filter(Boolean));
}

describe('every runbook', () => {
  for (const name of names) {
    test(`${name} has its parts in the order of all others, none empty`, () => {
      const [, ...parts] = textOf(name).split(/^## /m);
      assert.deepEqual(
        parts.map((part) => part.split('\n')[0]),
        PARTS,
      );
      for (const part of parts) assert.ok(part.split('\n').slice(1).join('').trim().length > 5, part);
    });

    test(`${name} has no command of Sluice that the command line does not know`, async () => {
      const commands = commandsIn(textOf(name));
      assert.ok(commands.length > 0);
      for (const line of commands) {
        assert.match(line, /^(sluice|temporal|kubectl) /, `${line}: whose command is it?`);
        if (line.startsWith('sluice ')) await assert.doesNotReject(typed(line), line);
      }
    });
  }

  test('is found by what one sees, and by its alert', () => {
    const index = textOf('README.md');
    for (const name of names) assert.ok(index.includes(`](${name})`), name);
  });

  test('is where an alert says', () => {
    const alerts = readFileSync(new URL('../../../deploy/monitoring/prometheus/alerts.yml', import.meta.url), 'utf8');
    const linked = [...alerts.matchAll(/runbook: docs\/runbooks\/(\S+)/g)].map(([, file = '']) => file);
    assert.ok(linked.length > 10);
    for (const file of linked) assert.ok(names.includes(file), file);
    for (const [, alert = ''] of alerts.matchAll(/- alert: (\w+)/g)) {
      assert.ok(
        names.some((name) => textOf(name).includes(`\`${alert}\``)),
        `no runbook names ${alert}`,
      );
    }
  });
});
