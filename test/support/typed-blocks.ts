/** Fenced blocks of a document that are typed into a shell, each with what the document says is then seen. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';

export interface Block {
  /** Title of its section. */
  readonly part: string;
  readonly commands: string;
  readonly exit: number;
  /** Each is somewhere in the output; `…` stands for anything within a line. */
  readonly says: readonly string[];
}

/**
 * Blocks in the order of the page. What is seen stands before one as a comment (`<!-- exit: 3 -->`, `<!-- says: refused -->`), or
 * behind it as a block of text: the lines that matter, and `exit code 3` where it is not 0.
 */
export function blocksIn(text: string): readonly Block[] {
  const block = /((?:<!-- (?:exit|says): .* -->\s+)*)```sh\n([\s\S]*?)```(?:\n\n```text\n([\s\S]*?)```)?/g;
  return text.split(/^## /m).flatMap((section) =>
    [...section.matchAll(block)].map(([, notes = '', commands = '', quoted = '']) => {
      const lines = quoted.split('\n').filter((line) => line.trim() !== '');
      const isExit = (line: string): boolean => /^exit code \d+$/.test(line);
      const says = [/says: (.*) -->/.exec(notes)?.[1] ?? '', ...lines.filter((line) => !isExit(line))];
      const exit = /exit: (\d+)/.exec(notes)?.[1] ?? lines.find(isExit)?.slice('exit code '.length) ?? 0;
      return {
        part: section.split('\n')[0] ?? '',
        commands,
        exit: Number(exit),
        says: says.filter((line) => line !== ''),
      };
    }),
  );
}

export interface Typed {
  readonly code: number;
  readonly out: string;
}

export interface Shell {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Both outputs in one, as a person sees them. */
export function typeInto({ env, cwd }: Shell, script: string): Promise<Typed> {
  return new Promise((resolve) => {
    const settings = { env, cwd, timeout: 300_000, maxBuffer: 16_777_216 };
    execFile('bash', ['-c', script], settings, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), out: out + err }),
    );
  });
}

/** Throws with the whole output where the document promises something else. */
export function assertSeen({ exit, says }: Pick<Block, 'exit' | 'says'>, { code, out }: Typed): void {
  assert.equal(code, exit, out);
  for (const line of says) assert.match(out, patternOf(line), `"${line}" is nowhere in\n${out}`);
}

function patternOf(line: string): RegExp {
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, ' +');
  return new RegExp(line.trim().split('…').map(literal).join('.*'));
}
