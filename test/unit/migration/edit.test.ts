/** A new state is put in place: everything else stays as somebody has written it, byte for byte. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { changedLines, withMoves } from '../../../src/migration/file/edit.ts';
import { prepare } from '../../../src/migration/file/write.ts';
import type { Change } from '../../../src/migration/migration.ts';
import { GOOD, readIt } from './support.ts';

const CHANGE: Change = {
  at: '2026-12-01T12:00:00.000Z',
  by: 'dana',
  from: 'legacy',
  to: 'comparing',
  reason: 'week 4: "go"',
};
const ENTRY = '{ at: 2026-12-01T12:00:00.000Z, by: "dana", from: legacy, to: comparing, reason: "week 4: \\"go\\"" }';
const move = (change = CHANGE, service = 'iam') => ({ service, change });

describe('a state', () => {
  test('is replaced beside its comment, and its history begins behind the last line of the service', () => {
    assert.deepEqual(changedLines(GOOD, withMoves(GOOD, [move()])), [
      '-    state: legacy   # since ever',
      '+    state: comparing   # since ever',
      '+    history:',
      `+      - ${ENTRY}`,
    ]);
  });

  test('goes on in a history that is there', () => {
    const once = withMoves(GOOD, [move()]);
    const next: Change = { at: '2026-12-02T00:00:00.000Z', by: 'dana', from: 'comparing', to: 'adopted' };
    const twice = withMoves(once, [move(next)]);
    const history = readIt(twice).migration.services[0]?.history;
    assert.deepEqual(history, [CHANGE, next]);
    assert.deepEqual(changedLines(once, twice).slice(2), [
      '+      - { at: 2026-12-02T00:00:00.000Z, by: "dana", from: comparing, to: adopted }',
    ]);
  });

  test('of several services is written at once', () => {
    const { services } = readIt(withMoves(GOOD, [move(), move(CHANGE, 'billing')])).migration;
    assert.deepEqual(
      services.map(({ state }) => state),
      ['comparing', 'comparing'],
    );
  });

  for (const [name, text] of [
    ['in a file with Windows line ends', GOOD.replaceAll('\n', '\r\n')],
    ['in a file that ends without a line end', GOOD.trimEnd()],
    ['with an empty history', GOOD.replace('state: legacy   # since ever', 'state: legacy\n    history: []')],
    [
      'where its service is on one line',
      GOOD.replace(
        / {2}iam:\n[\s\S]*? {2}billing:/,
        '  iam: { owner: a, wave: pilot, state: legacy, backToLegacy: [b] } # c\n\n  billing:',
      ),
    ],
    [
      'with a comment behind its last line',
      GOOD.replace('Run it with ${VERSION}.', 'Run it. # soon\n    # and quickly'),
    ],
    [
      'with a text of several lines at its end',
      GOOD.replace('- Run it with ${VERSION}.', '- |\n        Run it\n        now.\n'),
    ],
    ['with quotes', GOOD.replace('state: legacy   #', "state: 'legacy' #")],
    ['with lists that are not indented', GOOD.replaceAll('      - ', '    - ')],
  ] as const)
    test(`is written ${name}`, () => {
      const edited = withMoves(text, [move()]);
      const [iam] = readIt(edited).migration.services;
      assert.deepEqual([iam?.state, iam?.history], ['comparing', [CHANGE]], edited);
      for (const comment of text.match(/#.*/g) ?? []) assert.ok(edited.includes(comment), `${comment} is gone`);
      assert.equal(edited.includes('\r\n'), text.includes('\r\n'));
      assert.equal(/[^\r]\n/.test(edited), /[^\r]\n/.test(text));
    });

  test('is written whatever the reason says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (reason) => {
        const change = { ...CHANGE, reason };
        const edited = withMoves(GOOD, [move(change)]);
        const again = readIt(edited).migration.services[0]?.history;
        assert.deepEqual(again, [change]);
      }),
    );
  });

  test('that is written by an alias is left to its owner', () => {
    const text = GOOD.replace('state: legacy   # since ever', 'state: &s legacy').replace(
      /state: legacy\n {4}backToLegacy: \[C/,
      'state: *s\n    backToLegacy: [C',
    );
    assert.throws(() => withMoves(text, [move(CHANGE, 'billing')]), /cannot be written in place/);
    assert.throws(() => withMoves(text, [move()]), /cannot be written in place/);
  });
});

describe('the file', () => {
  const inFolder = (use: (file: string, folder: string) => void): void => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-migration-'));
    try {
      const file = join(folder, 'migration.yaml');
      writeFileSync(file, 'old');
      use(file, folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test('is the old one until it is the new one, and nothing is left beside it', () =>
    inFolder((file, folder) => {
      const prepared = prepare(file, 'old', 'new');
      assert.equal(readFileSync(file, 'utf8'), 'old');
      prepared.commit();
      assert.equal(readFileSync(file, 'utf8'), 'new');
      assert.deepEqual(readdirSync(folder), ['migration.yaml']);
    }));

  test('stays as somebody else has written it meanwhile', () =>
    inFolder((file, folder) => {
      const prepared = prepare(file, 'old', 'new');
      writeFileSync(file, 'theirs');
      assert.throws(() => prepared.commit(), /somebody else has changed it/);
      assert.equal(readFileSync(file, 'utf8'), 'theirs');
      assert.deepEqual(readdirSync(folder), ['migration.yaml']);
    }));

  test('that cannot be written is said before anything is done', () =>
    inFolder((file) =>
      assert.throws(() => prepare(join(file, 'no', 'migration.yaml'), 'old', 'new'), /cannot be written/),
    ));
});
