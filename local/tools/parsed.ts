/** Options of the local programs: a wrong one is told with the usage, and a port that is taken without a stack trace. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** Ends the process with 2 where an option is none. */
export function parsed<Config extends ParseArgsConfig>(
  usage: string,
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

/** What a person can mend in one line; of a defect, everything. */
export function shortly(error: unknown): unknown {
  if (!(error instanceof Error) || !isTaken(error)) return error;
  return `${error.message}: end what listens there, or take other ports`;
}

function isTaken(error: Error): boolean {
  if ('code' in error && error.code === 'EADDRINUSE') return true;
  return error.cause instanceof Error && isTaken(error.cause);
}
