/** Starts a worker again whenever it has died, until it is told to stop. */
import { fileURLToPath } from 'node:url';
import { type Program, startProgram } from '../../../local/tools/program.ts';

const MORTAL = fileURLToPath(new URL('./mortal-worker.ts', import.meta.url));

/** A setting of the server: a death is noticed when a workflow task has not come back, after ten seconds by default. */
export const DEATH_NOTICED = 'history.defaultWorkflowTaskTimeout="1s"';

export interface Undying {
  /** How often it was started again. */
  readonly deaths: number;
  /** SIGKILL, now. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface UndyingOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** The program; undefined: the mortal worker of a whole stack. */
  readonly script?: string;
}

export async function keepAlive({ name, args, env, logFile, script = MORTAL }: UndyingOptions): Promise<Undying> {
  let stopping = false;
  let deaths = 0;
  let program: Program = await start();
  const living = live();

  function start(): Promise<Program> {
    return startProgram({ name, file: process.execPath, args: [script, ...args], env, logFile });
  }
  async function live(): Promise<void> {
    for (;;) {
      const how = await program.ended;
      if (stopping) return;
      if (how !== 'SIGKILL') throw new Error(`${name} ended with ${how}: ${program.logTail()}`);
      deaths += 1;
      program = await start();
    }
  }
  return {
    get deaths() {
      return deaths;
    },
    kill: () => program.kill(),
    async stop() {
      stopping = true;
      await program.stop();
      await living;
    },
  };
}
