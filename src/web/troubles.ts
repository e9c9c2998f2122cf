/** What went wrong, as a status and a page; and since when it has gone wrong for everybody. */
import { ReleaseEngineError } from '../client/index.ts';
import type { ErrorCode } from '../domain/error-code.ts';
import type { Trouble } from './pages/trouble.ts';

const INPUT: readonly ErrorCode[] = ['service-unknown', 'environment-unknown', 'version-malformed', 'input-invalid'];
const AWAY: readonly ErrorCode[] = ['temporal-unreachable', 'worker-missing'];
/** Somebody was told no: their answer, their sign-in. */
const REFUSED = /^(?:approval|identity|login|gate)-|^(?:release-finished|command-not-possible|digest-malformed)$/;

export interface Seen {
  readonly status: number;
  readonly trouble: Trouble;
}

export class Troubles {
  readonly #now: () => Date;
  readonly #remedyOf: (code: ErrorCode) => string | undefined;
  readonly #since = new Map<ErrorCode, string>();

  /** `remedyOf`: what to do where the engine does not say it. */
  constructor(now: () => Date, remedyOf: (code: ErrorCode) => string | undefined = () => undefined) {
    this.#now = now;
    this.#remedyOf = remedyOf;
  }

  /** The engine has answered; `worker` when a worker of it had to. */
  over(code: ErrorCode): void {
    this.#since.delete(code);
  }

  since(code: ErrorCode): string | undefined {
    return this.#since.get(code);
  }

  /** Undefined for what is no answer of the engine but a defect of this server. */
  seen(error: unknown): Seen | undefined {
    if (!(error instanceof ReleaseEngineError) || error.code === 'internal') return undefined;
    const { code, message, expected, got, remedy = this.#remedyOf(code) } = error;
    const details = { ...defined('expected', expected), ...defined('got', got), ...defined('remedy', remedy) };
    const facts = { message, code, ...details };
    if (code === 'release-not-found') return { status: 404, trouble: { ...facts, title: 'No such release' } };
    if (INPUT.includes(code)) return { status: 400, trouble: { ...facts, title: 'This cannot be asked' } };
    if (REFUSED.test(code)) return { status: 409, trouble: { ...facts, title: 'This does not count' } };
    if (!AWAY.includes(code)) return { status: 500, trouble: { ...facts, title: 'The engine said no' } };
    const since = this.#since.get(code) ?? this.#now().toISOString();
    this.#since.set(code, since);
    const title = code === 'worker-missing' ? 'No worker answers' : 'Temporal does not answer';
    return { status: 503, trouble: { ...facts, title, since } };
  }
}

function defined<Key extends string>(key: Key, value: string | undefined): { readonly [K in Key]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]: string });
}
