import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import ts from 'typescript';
import { ROOT } from '../../unit/architecture/import-walk.ts';

/** The bundle's code, or all that the bundler complained of on the way. */
async function bundle(root: string): Promise<{ readonly code: string } | { readonly complaints: string }> {
  const complaints: string[] = [];
  const logger = new DefaultLogger('WARN', (entry) => complaints.push(entry.message));
  try {
    return await bundleWorkflowCode({ workflowsPath: join(root, 'workflows', 'index.ts'), logger });
  } catch (error) {
    return { complaints: [...complaints, String(error)].join('\n') };
  }
}

/** A copy of what the sandbox sees, with the same packages, so that breaking it breaks nothing else. */
function copyOfTheHouse(): string {
  const copy = mkdtempSync(join(tmpdir(), 'sluice-bundle-'));
  for (const part of ['workflows', 'activities', 'src', 'package.json', 'tsconfig.json']) {
    cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'dir');
  return copy;
}

/** What the compiler says about `workflows/` under `root`, one line per error. */
function compileErrors(root: string): readonly string[] {
  const path = join(root, 'workflows', 'tsconfig.json');
  const parsed = ts.getParsedCommandLineOfConfigFile(path, undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
    },
  });
  assert.ok(parsed);
  const program = ts.createProgram(parsed.fileNames, parsed.options);
  return ts
    .getPreEmitDiagnostics(program)
    .map((one) => `TS${one.code} ${ts.flattenDiagnosticMessageText(one.messageText, ' ')}`);
}

let copy: string;

before(() => {
  copy = copyOfTheHouse();
});

after(() => {
  rmSync(copy, { recursive: true, force: true });
});

describe('when the workflows are bundled', () => {
  test('the bundle has every workflow that the contract names', async () => {
    const result = await bundle(ROOT);
    assert.ok('code' in result, 'complaints' in result ? result.complaints : '');
    const { code } = result;
    for (const name of ['release', 'promotion', 'forecast']) {
      assert.match(code, new RegExp(`\\b${name}\\b`));
    }
  });

  const intruders: readonly (readonly [what: string, specifier: string, name: string, expected: RegExp])[] = [
    ['a Node module', 'node:fs', 'readFileSync', /Reading from "node:fs" is not handled/],
    [
      'a value of the activities',
      '../activities/index.ts',
      'createEnvironmentActivities',
      /@temporalio\/activity|Reading from "node:/,
    ],
  ];
  for (const [what, specifier, name, expected] of intruders) {
    test(`${what} breaks it`, async (t) => {
      const index = join(copy, 'workflows', 'index.ts');
      t.after(() => cpSync(join(ROOT, 'workflows', 'index.ts'), index));
      appendFileSync(index, `import { ${name} } from '${specifier}';\nexport const used = ${name};\n`);
      const result = await bundle(copy);
      assert.ok('complaints' in result, 'the bundler accepted it');
      assert.match(result.complaints, expected);
    });
  }
});

describe('when the workflows are compiled without the types of Node', () => {
  test('they compile', () => {
    assert.deepEqual(compileErrors(ROOT), []);
  });

  test('process, Buffer and fetch do not', (t) => {
    const intruder = join(copy, 'workflows', 'intruder.ts');
    t.after(() => rmSync(intruder));
    writeFileSync(intruder, "export const seen = [process.pid, Buffer.from('x'), fetch('https://example.org')];\n");
    const errors = compileErrors(copy).join('\n');
    for (const name of ['process', 'Buffer', 'fetch']) assert.match(errors, new RegExp(`Cannot find name '${name}'`));
  });
});
