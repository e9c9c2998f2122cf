/** What a later step reads is what an earlier one sets: a name that nobody sets is an empty text in both services, and no error. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { VARIABLES } from '../../../src/cli/pipeline/variables.ts';
import type { SourceVersion } from '../../../src/versions/version.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** The words after `set_output` in a script. */
const setBy = (script: string): readonly string[] =>
  [...read(`pipelines/scripts/${script}`).matchAll(/^set_output (\w+) /gm)].map(([, name = '']) => name);

/** Every field of a version is one (`src/cli/print-version.ts`); the compiler says when one of these is none any more. */
const OF_VERSION = Object.keys({
  version: 1,
  containerTag: 1,
  label: 1,
  semver: 1,
  commit: 1,
  branch: 1,
  scheme: 1,
  prerelease: 1,
  changed: 1,
  sourceDateEpoch: 1,
} satisfies Record<keyof SourceVersion, 1>);

/** By the name of the step. */
const SET: Readonly<Record<string, readonly string[]>> = {
  version: OF_VERSION,
  build: setBy('build.sh'),
  manifests: setBy('manifests.sh'),
  release: VARIABLES,
};

/** Each place in which a template of either service reads an output: which step’s, and which. */
function readIn(path: string): readonly (readonly [string, string])[] {
  const forms = [
    /outputs\['(\w+)\.(\w+)'\]/g,
    /\$\((version|build|manifests|release)\.(\w+)\)/g,
    /steps\.(\w+)\.outputs\.(\w+)/g,
  ];
  return forms.flatMap((form) =>
    [...read(path).matchAll(form)].map(([, step = '', name = '']) => [step, name] as const),
  );
}

describe('an output that a template reads', () => {
  const templates = globSync('pipelines/**/*.yml', { cwd: root });

  test('is set by its step', () => {
    const all = templates.flatMap((path) => readIn(path).map(([step, name]) => ({ path, step, name })));
    assert.ok(all.length > 12, `${all.length} places`);
    for (const { path, step, name } of all)
      assert.ok(SET[step]?.includes(name), `${path}: ${step}.${name}; it sets ${SET[step]?.join(', ') ?? 'nothing'}`);
  });

  test('of another job of GitHub is one that the job hands on', () => {
    for (const path of globSync('pipelines/github/workflows/*.yml', { cwd: root })) {
      const text = read(path);
      const handed = [...text.matchAll(/^ {6}([\w-]+): \$\{\{ steps\./gm)].map(([, name]) => name);
      for (const [, name] of text.matchAll(/needs\.\w+\.outputs\.([\w-]+)/g))
        assert.ok(handed.includes(name), `${path}: ${name}`);
    }
  });
});
