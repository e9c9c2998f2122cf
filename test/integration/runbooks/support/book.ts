/** A runbook as whoever is on call goes through it: from the first block to the last, each typed as it stands. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { until } from '../../../../local/tools/until.ts';
import { assertSeen, type Block, blocksIn, type Shell, type Typed, typeInto } from '../../../support/typed-blocks.ts';

const FOLDER = new URL('../../../../docs/runbooks/', import.meta.url);
/** The zeros of an example; the plan that is asked about takes their place. */
const EXAMPLE_PLAN = `sha256:${'1'.repeat(64)}`;
const LOOKED_MS = 240_000;

/** What stands in the place of the runbook's examples (docs/runbooks/README.md). */
export interface Filled {
  /** Of `2026.11.3`. */
  readonly version?: string;
  /** Of `2026.11.4`. */
  readonly mend?: string;
  /** Of `production`. */
  readonly environment?: string;
  /** Of `--namespace iam`. */
  readonly namespace?: string;
  /** Of `sha256:1111…`. */
  readonly plan?: string;
}

export interface Book {
  /**
   * Types the next block, which begins so. Who only looks may look again until it is as the runbook says; what changes something
   * is typed once. Returns what was seen last.
   */
  next(begins: string, shell: Shell, filled?: Filled): Promise<string>;
  /** Throws when a block was left out. */
  end(): void;
}

export function openBook(name: string): Book {
  const left = [...blocksIn(readFileSync(new URL(`${name}.md`, FOLDER), 'utf8'))];
  return {
    async next(begins, shell, filled = {}) {
      const block = left.shift();
      if (block === undefined) throw new Error(`${name}: nothing is left to type where "${begins}" was due`);
      assert.ok(block.commands.startsWith(begins), `${name}: next is not "${begins}" but\n${block.commands}`);
      return typed(fill(block, filled), shell);
    },
    end: () => assert.deepEqual(left, [], `${name}: not typed`),
  };
}

function fill(block: Block, { version, mend, environment, namespace, plan }: Filled): Block {
  const replaced = (text: string): string =>
    text
      .replaceAll('2026.11.4', mend ?? '2026.11.4')
      .replaceAll('2026.11.3', version ?? '2026.11.3')
      .replaceAll('production', environment ?? 'production')
      .replaceAll('--namespace iam ', `--namespace ${namespace ?? 'iam'} `)
      .replaceAll(EXAMPLE_PLAN, plan ?? EXAMPLE_PLAN);
  return { ...block, commands: replaced(block.commands), says: block.says.map(replaced) };
}

const LOOKS =
  /^(?:sluice (?:status|list|board|doctor|environment|audit|guardian|verify|whoami|watch|notifications test)|temporal|kubectl .*\b(?:get|describe|logs|status))\b/;

async function typed(block: Block, shell: Shell): Promise<string> {
  const lines = block.commands.trim().split('\n');
  assert.ok(lines.length === 1 || block.exit === 0, `whose exit code is it?\n${block.commands}`);
  const once = async (): Promise<string> => {
    const seen: Typed[] = [];
    for (const line of lines) {
      const one = await typeInto(shell, line);
      seen.push(one);
      if (one.code !== 0) break;
    }
    const out = seen.map((one, index) => `$ ${lines[index]}\n${one.out}`).join('\n');
    assertSeen(block, { code: seen.at(-1)?.code ?? -1, out });
    return out;
  };
  if (!lines.every((line) => LOOKS.test(line))) return once();
  return until(once, { what: `what the runbook says of\n${block.commands}`, timeoutMs: LOOKED_MS, everyMs: 500 });
}
