/**
 * Who has come with which browser. Nothing is kept for somebody who only looks: the token against forged requests is computed from
 * the cookie. Sign-ins are kept in memory, bounded in number and time; the oldest gives way.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Begun, Vouched } from './answering.ts';

export interface Pending extends Begun {
  readonly thumbprint: string;
  readonly redirectUri: string;
  /** Path on this server. */
  readonly returnTo: string;
}

export interface Person extends Vouched {
  /** Of the key that the token vouches for. */
  readonly thumbprint: string;
}

export interface SessionLimits {
  readonly pending?: number;
  readonly people?: number;
}

const SIGN_IN_MS = 600_000;
const MOST_PENDING = 200;
const MOST_PEOPLE = 1_000;

export class Sessions {
  readonly #now: () => Date;
  readonly #limits: Required<SessionLimits>;
  readonly #secret = randomBytes(32);
  readonly #pending = new Map<string, Pending & { readonly endsMs: number }>();
  readonly #people = new Map<string, Person>();

  constructor(now: () => Date, { pending = MOST_PENDING, people = MOST_PEOPLE }: SessionLimits = {}) {
    this.#now = now;
    this.#limits = { pending, people };
  }

  newId(): string {
    return randomBytes(32).toString('base64url');
  }

  /** What a request of this session has to bring, and nobody else can know. */
  tokenOf(id: string): string {
    return createHmac('sha256', this.#secret).update(id).digest('base64url');
  }

  isTokenOf(id: string, token: string): boolean {
    return sameText(this.tokenOf(id), token);
  }

  begin(id: string, pending: Pending): void {
    this.#pending.delete(id);
    makeRoom(this.#pending, this.#limits.pending);
    this.#pending.set(id, { ...pending, endsMs: this.#now().getTime() + SIGN_IN_MS });
  }

  /** Once, whether it fits or not: a state that somebody guesses at is not guessed at twice. */
  take(id: string, state: string): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending === undefined || pending.endsMs <= this.#now().getTime()) return undefined;
    return sameText(pending.state, state) ? pending : undefined;
  }

  /** Under a name of its own: one that somebody else gave the browser before is worth nothing afterwards. */
  enter(person: Person): string {
    const id = this.newId();
    makeRoom(this.#people, this.#limits.people);
    this.#people.set(id, person);
    return id;
  }

  personOf(id: string): Person | undefined {
    const person = this.#people.get(id);
    if (person === undefined || Date.parse(person.expiresAt) > this.#now().getTime()) return person;
    this.#people.delete(id);
    return undefined;
  }

  leave(id: string): void {
    this.#people.delete(id);
    this.#pending.delete(id);
  }
}

function makeRoom(map: Map<string, unknown>, most: number): void {
  for (const [oldest] of map) {
    if (map.size < most) return;
    map.delete(oldest);
  }
}

function sameText(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
