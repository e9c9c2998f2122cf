/** Commands of other tools in the runbooks: the tools themselves say whether they know the verb and every option. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { toolPath } from '../../../local/tools/tool-path.ts';

const FOLDER = new URL('../../../docs/runbooks/', import.meta.url);

/** Every line that is typed, once. */
function linesOf(program: string): readonly string[] {
  const lines = readdirSync(FOLDER).flatMap((name) =>
    [...readFileSync(new URL(name, FOLDER), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
      block.split('\n'),
    ),
  );
  return [...new Set(lines.filter((line) => line.startsWith(`${program} `)))];
}

/** With --help at its end a tool of this kind does nothing, but refuses what it does not know. */
function help(path: string, line: string): Promise<{ readonly code: number; readonly out: string }> {
  const args = [...line.matchAll(/"([^"]*)"|\S+/g)].map(([all, quoted]) => quoted ?? all).slice(1);
  return new Promise((resolve) => {
    execFile(path, [...args, '--help'], { timeout: 60_000, env: { HOME: '/nonexistent' } }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out: out + err }),
    );
  });
}

describe('what the runbooks have typed into other tools', () => {
  for (const program of ['temporal', 'kubectl'] as const) {
    const path = toolPath(program);
    const skip = path !== undefined || process.env['CI'] ? false : `${program} is not installed: npm run setup`;
    test(`${program} knows, with every option`, { skip }, async () => {
      const lines = linesOf(program);
      assert.ok(lines.length >= 3, lines.join('\n'));
      for (const line of lines) {
        const { code, out } = await help(path ?? '', line);
        assert.equal(code, 0, `${line}\n${out}`);
      }
    });

    test(`${program} refuses what it does not know, so that this test can fail`, { skip }, async () => {
      const [line = ''] = linesOf(program);
      assert.notEqual((await help(path ?? '', `${line} --no-such-option`)).code, 0);
    });
  }
});
