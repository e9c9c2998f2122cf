/** Lets so many through at once: whoever hands on more than the engine answers would only queue. */
export class Turnstile {
  readonly #most: number;
  #inside = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Undefined when too many are inside. */
  async pass<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    if (this.#inside >= this.#most) return undefined;
    this.#inside += 1;
    try {
      return await work();
    } finally {
      this.#inside -= 1;
    }
  }
}
