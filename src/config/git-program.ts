/** The program "git", and what it needs of this process's surroundings to find its settings. */
import { isProgram, onPath } from './program-path.ts';

/** HOME and its like: where it looks for settings, such as whose checkouts it trusts. */
const WANTED = /^(?:PATH|HOME|XDG_CONFIG_HOME|USERPROFILE|SYSTEMROOT|GIT_CONFIG_.+)$/;

export interface GitProgram {
  /** Undefined: this machine has none. */
  readonly program: string | undefined;
  /** No other variable of git's own: a hook's GIT_DIR would lead it elsewhere. */
  readonly env: Readonly<Record<string, string>>;
}

export function gitProgram(): GitProgram {
  const own = Object.entries(process.env).flatMap(([name, value]) =>
    WANTED.test(name) && value !== undefined ? [[name, value] as const] : [],
  );
  return { program: onPath(process.env, 'git').find(isProgram), env: Object.fromEntries(own) };
}
