/** Putting the new text in place of the old one at once: whoever reads the file sees one of both, whole. */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { ConfigError } from '../../config/config-error.ts';

export interface Prepared {
  /** The file is the new one from here on. Throws when somebody else has written it meanwhile. */
  commit(): void;
  /** Nothing is left of it. */
  discard(): void;
}

/** Written beside the file, so that a full disk or a missing right shows before anything else is done. */
export function prepare(file: string, before: string, after: string): Prepared {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, after, { flag: 'wx', mode: statSync(file).mode & 0o777 });
  } catch (cause) {
    throw unwritten(file, cause instanceof Error ? cause.message : String(cause));
  }
  const discard = (): void => rmSync(temporary, { force: true });
  return {
    discard,
    commit: () => {
      if (readFileSync(file, 'utf8') !== before) {
        discard();
        throw unwritten(file, 'somebody else has changed it in this moment');
      }
      renameSync(temporary, file);
    },
  };
}

function unwritten(where: string, why: string): ConfigError {
  const message = `cannot be written: ${why}`;
  return new ConfigError('config-invalid', [{ where, message, remedy: 'the file is as it was; say it again' }]);
}
