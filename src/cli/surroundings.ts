import type { ExitCode } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** What a command needs of its surroundings. */
export interface Surroundings {
  readonly terminal: Terminal;
  exit(code: ExitCode): void;
}
