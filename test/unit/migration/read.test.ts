/** migration.yaml: what it says, and every mistake in it at once, with line and what to do. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { ConfigError } from '../../../src/config/config-error.ts';
import { generatedSchemas } from '../../../src/migration/file/print-schema.ts';
import { migrationSchema } from '../../../src/migration/file/schema.ts';
import { USUAL_GATES } from '../../../src/migration/gate.ts';
import { GOOD, KNOWN, readIt } from './support.ts';

const ROOT = new URL('../../../', import.meta.url);

function problemsOf(text: string): readonly string[] {
  try {
    readIt(text);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems.map(
      ({ where, message, remedy }) => `${where}: ${message}${remedy === undefined ? '' : `; ${remedy}`}`,
    );
  }
  return [];
}

describe('what is not written', () => {
  const { migration, warnings } = readIt();
  test('has the usual gates, and waves wait for the one before', () => {
    assert.deepEqual(migration.services[0]?.gates, USUAL_GATES);
    assert.deepEqual(migration.waves[0]?.gates, []);
    assert.deepEqual(migration.waves[1]?.gates, [{ kind: 'wave', name: 'pilot', state: 'managed' }]);
  });
  test('has its reports beside the file', () => {
    assert.equal(migration.comparisons, '/repo/migration/comparisons');
    assert.equal(migration.rehearsals, '/repo/migration/rehearsals');
  });
  test('steps for people keep their variables as they are written', () => {
    assert.equal(migration.services[0]?.backToLegacy[1], 'Run it with ${VERSION}.');
  });
  test('nothing is warned of where every service is in a wave', () => assert.deepEqual(warnings, []));
});

test('a list of gates that is written takes the place of the usual one, and a service has its own', () => {
  const text = GOOD.replace('waves:', 'gates:\n  adopted: [{ adopted: {} }]\nwaves:').replace(
    'state: legacy   # since ever',
    'state: legacy\n    gates: { done: [{ releases: { last: 9, environments: [dev] } }] }',
  );
  const [iam, billing] = readIt(text).migration.services;
  assert.deepEqual(iam?.gates.adopted, [{ kind: 'adopted' }]);
  assert.deepEqual(iam.gates.done, [{ kind: 'releases', last: 9, environments: ['dev'] }]);
  assert.deepEqual(billing?.gates.done, USUAL_GATES.done);
  assert.deepEqual(iam.gates.managed, USUAL_GATES.managed);
});

test('a service of sluice.yaml that is in no wave is a warning with its place, and no mistake', () => {
  const { warnings } = readIt(GOOD, { ...KNOWN, services: { ...KNOWN.services, extra: ['dev'] } });
  assert.deepEqual(
    warnings.map(({ where, message }) => `${where}: ${message}`),
    ['migration.yaml:6:1 services: extra is in sluice.yaml, and in no wave'],
  );
});

test('a service that has not begun may be written into sluice.yaml later', () => {
  assert.deepEqual(problemsOf(GOOD.replace('  billing:', '  another-thing:')), []);
});

describe('a mistake is told with its line and what to do', () => {
  const HISTORY = `state: adopted
    history:
      - { at: 2026-11-02T00:00:00Z, by: d, from: legacy, to: comparing }
      - { at: 2026-11-01T00:00:00Z, by: d, from: comparing, to: adopted }`;
  const history = (change: (text: string) => string) =>
    GOOD.replace('state: legacy   # since ever', change(HISTORY.replace('11-01', '11-03')));
  for (const [name, text, says] of [
    [
      'a service twice',
      GOOD.replace('  billing:', '  iam:'),
      [/^migration\.yaml:1\d:\d+: Map keys must be unique/, /no service goes over with wave "pilot"/],
    ],
    [
      'a wave twice',
      GOOD.replace('name: rest', 'name: pilot').replace('wave: rest', 'wave: pilot'),
      [/5:11 waves\[1\]\.name: there is a wave "pilot" before; give/],
    ],
    [
      'a wave that is none',
      GOOD.replace('wave: rest', 'wave: rset'),
      [
        /5:11 .*no service goes over with wave "rest"/,
        /services\.billing\.wave: there is no wave "rset" \(did you mean "rest"\?\); one of pilot, rest/,
      ],
    ],
    [
      'a state that is none',
      GOOD.replace('state: legacy   # since ever', 'state: manged'),
      [/10:12 services\.iam\.state: expected "legacy" or .*, got manged; How far it has come/],
    ],
    [
      'an owner who is missing',
      GOOD.replace('    owner: money team\n', ''),
      [/services\.billing\.owner: "owner" is missing; Whose it is/],
    ],
    [
      'no way back',
      GOOD.replace('    backToLegacy: [Call Lee.]\n', ''),
      [/"backToLegacy" is missing; What the owner does/],
    ],
    [
      'a service that has begun and is not in sluice.yaml',
      GOOD.replace('  billing:', '  stranger:').replace(/legacy\n {4}backToLegacy: \[/, 'managed\n    backToLegacy: ['),
      [/stranger: there is no service "stranger" in sluice\.yaml; write it as there/],
    ],
    [
      'a misspelt service',
      GOOD.replace('  billing:', '  biling:'),
      [/there is no service "biling" in sluice\.yaml \(did you mean "billing"\?\)/],
    ],
    [
      'a gate that is none',
      GOOD.replace('- name: pilot', '- name: pilot\n    gates: [{ wavee: { name: pilot, state: done } }]'),
      [/5:15 waves\[0\]\.gates\[0\]\.wavee: unknown key "wavee" \(did you mean "wave"\?\); known here: wave, signOff/],
    ],
    [
      'a gate that names no wave',
      GOOD.replace('- name: rest ', '- name: rest\n    gates: [{ wave: { name: plot, state: done } }]'),
      [/there is no wave "plot" \(did you mean "pilot"\?\)/],
    ],
    [
      'a wave that waits for itself',
      GOOD.replace('- name: pilot', '- name: pilot\n    gates: [{ wave: { name: pilot, state: done } }]'),
      [/a wave cannot wait for itself/],
    ],
    [
      'a wave that waits for a later one',
      GOOD.replace('- name: pilot', '- name: pilot\n    gates: [{ wave: { name: rest, state: done } }]'),
      [/wave "rest" comes later/],
    ],
    [
      'a gate that names no environment',
      GOOD.replace('waves:', 'gates: { done: [{ releases: { last: 3, environments: [prodution] } }] }\nwaves:'),
      [
        /3:55 gates\.done\[0\]\.releases\.environments\[0\]: there is no environment "prodution" \(did you mean "production"\?\)/,
      ],
    ],
    [
      'a state that its history contradicts',
      history((one) => one.replace('state: adopted', 'state: managed')),
      [/the state is "managed", and its history ends in "adopted"/],
    ],
    [
      'a history with a hole',
      history((one) => one.replace('from: comparing', 'from: legacy')),
      [/history\[1\]: it comes from "legacy", and the entry before it ends in "comparing"/],
    ],
    [
      'a history out of order',
      history((one) => one.replace('11-03', '11-01')),
      [/history\[1\]: it is older than the entry before it/],
    ],
    [
      'a sign-off for a state that nobody goes on to',
      GOOD.replace('backToLegacy: [', 'signOffs: [{ for: legacy, by: d, at: 2026-12-01 }]\n    backToLegacy: ['),
      [/signOffs\[0\]\.for: expected "comparing" or/],
    ],
    [
      'a day that is none',
      GOOD.replace('backToLegacy: [', 'signOffs: [{ for: done, by: d, at: yesterday }]\n    backToLegacy: ['),
      [/signOffs\[0\]\.at: expected .*got yesterday/],
    ],
    ['no YAML', 'services: [', [/migration\.yaml:1:\d+/]],
    ['an empty file', '', [/the file is empty/]],
  ] as const)
    test(name, () => {
      const problems = problemsOf(text);
      for (const one of says)
        assert.ok(
          problems.some((problem) => one.test(problem)),
          `${one} is not in\n${problems.join('\n')}`,
        );
      assert.equal(problems.length, says.length, problems.join('\n'));
    });

  test('and several are told together', () => {
    const text = GOOD.replace('wave: rest', 'wave: rset')
      .replace('  iam:', '  iamm:')
      .replace('state: legacy', 'state: manged')
      .replace('    owner: money team\n', '');
    const lines = problemsOf(text).map((one) => Number(one.split(':')[1]));
    assert.equal(lines.length, 5, problemsOf(text).join('\n'));
    assert.deepEqual(
      lines,
      lines.toSorted((a, b) => a - b),
      'from top to bottom',
    );
  });
});

describe('the schema', () => {
  for (const [path, text] of Object.entries(generatedSchemas()))
    test(`${path} is in step with the code`, () => {
      assert.equal(readFileSync(new URL(path, ROOT), 'utf8'), text, 'write it anew with "npm run schema"');
    });

  const validate = addFormats.default(new Ajv({ strict: false, logger: false })).compile(migrationSchema());
  const example = readFileSync(new URL('examples/migration.yaml', ROOT), 'utf8');
  test('accepts what the code accepts, the example too', () => {
    for (const text of [GOOD, example]) assert.equal(validate(parse(text)), true, JSON.stringify(validate.errors));
    assert.equal(validate({ ...(parse(GOOD) as object), extra: 1 }), false);
  });

  test('the example is one that can be read', () => {
    const environments = ['dev', 'staging', 'production'];
    const { migration, warnings } = readIt(example, { services: { iam: environments }, environments });
    assert.deepEqual(warnings, []);
    assert.deepEqual(
      migration.services.map(({ name, wave, state }) => `${name} ${wave} ${state}`),
      ['iam pilot comparing', 'utility utilities legacy', 'platform-api platform legacy', 'reporting rest legacy'],
    );
  });
});
