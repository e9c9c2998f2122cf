import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { ESLint } from 'eslint';
import { ROOT } from './import-walk.ts';

let eslint: ESLint;

before(() => {
  // Rules that need types are left out here: the snippets below are no files of a project.
  eslint = new ESLint({
    cwd: ROOT,
    overrideConfig: {
      languageOptions: { parserOptions: { project: null } },
      linterOptions: { reportUnusedDisableDirectives: 'off' },
      rules: {
        '@typescript-eslint/no-floating-promises': 'off',
        '@typescript-eslint/no-misused-promises': 'off',
        '@typescript-eslint/only-throw-error': 'off',
        '@typescript-eslint/await-thenable': 'off',
        '@typescript-eslint/switch-exhaustiveness-check': 'off',
        '@typescript-eslint/no-unused-vars': 'off',
      },
    },
  });
});

async function messagesFor(file: string, code: string): Promise<readonly string[]> {
  const [result] = await eslint.lintText(code, { filePath: `${ROOT}/${file}` });
  return (result?.messages ?? []).map((one) => one.message);
}

describe('when a forbidden line is linted', () => {
  const cases: readonly (readonly [file: string, code: string, expected: RegExp])[] = [
    ['src/domain/x.ts', "import { z } from 'zod'; z;", /room "domain" .* may import of packages: none/],
    ['src/policy/x.ts', "import { y } from '../adapters/registry/memory.ts'; y;", /room "policy" .* may not see that/],
    ['src/policy/x.ts', "import { y } from '../ports/port-error.ts'; y;", /room "policy" .* only types/],
    ['src/policy/x.ts', 'export const now = Date.now();', /no clock in this room/],
    ['src/plan/x.ts', 'export const now = new Date();', /no clock in this room/],
    ['src/ports/x.ts', "import type { V1Pod } from '@kubernetes/client-node'; export type P = V1Pod;", /room "ports"/],
    ['src/contract/x.ts', "import { sleep } from '@temporalio/workflow'; sleep;", /room "contract" .* define\*/],
    ['workflows/x.ts', "import 'node:fs';", /room "workflows"/],
    [
      'workflows/steps/x.ts',
      "import type { A } from '../../activities/index.ts'; export type B = A;",
      /room "workflows"/,
    ],
    ['workflows/steps/x.ts', "import { y } from '../../src/policy/y.ts'; y;", /room "workflows"/],
    ['activities/x.ts', "import { y } from '../src/adapters/registry/memory.ts'; y;", /room "activities"/],
    ['activities/x.ts', "import { y } from '../local/tools/tool-path.ts'; y;", /room "activities" .* laptop/],
    ['activities/x.ts', 'export const home = process.env.HOME;', /process\.env is read in src\/config only/],
    ['src/client/x.ts', "import { env } from 'node:process'; env;", /process\.env is read in src\/config only/],
    ['src/client/x.ts', "console.log('hello');", /Unexpected console statement/],
    ['src/cli/x.ts', "import { y } from '../policy/image-policy.ts'; y;", /room "cli"/],
    ['src/policy/gates/x.ts', "import { y } from 'undici'; y;", /room "policy\/gates" .* packages: luxon/],
    ['src/policy/gates/x.ts', 'export const now = Date.now();', /no clock in this room/],
    ['src/cli/commands/x.ts', "import { y } from '../../adapters/registry/memory.ts'; y;", /room "cli"/],
    ['src/worker/main.ts', "import { y } from '../adapters/registry/memory.ts'; y;", /room "worker"/],
  ];
  for (const [file, code, expected] of cases) {
    test(`${file}: ${code}`, async () => {
      assert.match((await messagesFor(file, code)).join('\n'), expected);
    });
  }
});

describe('when an allowed line is linted', () => {
  const cases: readonly (readonly [file: string, code: string])[] = [
    ['src/policy/x.ts', "import type { RunningPod } from '../ports/cluster.ts'; export type R = RunningPod;"],
    ['src/contract/x.ts', "import { defineQuery } from '@temporalio/workflow'; defineQuery;"],
    ['src/config/load.ts', 'export const home = process.env.HOME;'],
    ['src/worker/wire.ts', "import { y } from '../adapters/registry/memory.ts'; y;"],
    ['src/worker/main.ts', "import { y } from './wire.ts'; y;"],
    ['src/cli/x.ts', "import { y } from '../policy/gates/index.ts'; y;"],
    ['src/config/rules/x.ts', "import { y } from '../../policy/gates/index.ts'; y;"],
    ['src/policy/x.ts', "export const day = new Date('2026-11-03').getDay();"],
    ['workflows/steps/x.ts', "import { y } from '../../src/domain/step.ts'; y;"],
    ['src/adapters/registry/acr/x.ts', "import { y } from '../../../ports/port-error.ts'; y;"],
  ];
  for (const [file, code] of cases) {
    test(`${file}: ${code}`, async () => {
      assert.deepEqual(await messagesFor(file, code), []);
    });
  }
});

test('every TypeScript file of the repository is linted by the rules that need types, packages of their own too', async () => {
  const plain = new ESLint({ cwd: ROOT });
  const tracked = execFileSync('git', ['ls-files', '*.ts'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  const there = tracked.filter((path) => !path.endsWith('.d.ts') && existsSync(`${ROOT}/${path}`));
  assert.ok(there.some((path) => path.startsWith('deploy/azure/')));
  const missed: string[] = [];
  for (const path of there) {
    const config = (await plain.calculateConfigForFile(`${ROOT}/${path}`)) as
      { rules?: Record<string, unknown> } | undefined;
    if (config?.rules?.['@typescript-eslint/no-floating-promises'] === undefined) missed.push(path);
  }
  assert.deepEqual(missed, []);
});
