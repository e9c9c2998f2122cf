/** All releases that somebody follows at this moment, and how many may. */
import type { ReleaseKey } from '../../client/index.ts';
import type { Reader } from '../reader.ts';
import { type Draw, Journey } from './journey.ts';
import type { Viewer } from './viewer.ts';

export interface JourneysOptions {
  readonly reader: () => Promise<Reader>;
  readonly draw: Draw;
  /** Streams at once; each holds a socket. */
  readonly viewers: number;
  readonly heartbeatMs: number;
}

export class Journeys {
  readonly #options: JourneysOptions;
  readonly #followed = new Map<string, Journey>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(options: JourneysOptions) {
    this.#options = options;
    // proxies cut a connection on which nothing is said
    this.#heartbeat = setInterval(() => this.#beat(), options.heartbeatMs);
    this.#heartbeat.unref();
  }

  /** Releases that are watched. */
  get watched(): number {
    return this.#followed.size;
  }

  get full(): boolean {
    return [...this.#followed.values()].reduce((sum, { size }) => sum + size, 0) >= this.#options.viewers;
  }

  /** Resolves when the viewer has seen something; `gone` ends its part. Throws what the first look at the release threw. */
  async join(key: ReleaseKey, viewer: Viewer, gone: AbortSignal): Promise<void> {
    const journey = this.#journeyOf(key);
    gone.addEventListener('abort', () => journey.leave(viewer), { once: true });
    await journey.join(viewer);
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    for (const journey of this.#followed.values()) journey.stop();
  }

  #journeyOf(key: ReleaseKey): Journey {
    const name = `${key.service}/${key.version}`;
    const followed = this.#followed.get(name);
    if (followed !== undefined) return followed;
    const journey = new Journey(this.#options.draw);
    this.#followed.set(name, journey);
    // one that is being left must not be joined, and one that has ended is watched anew by whoever asks again
    const forget = (): void => {
      if (this.#followed.get(name) === journey) this.#followed.delete(name);
    };
    journey.stopped.addEventListener('abort', forget, { once: true });
    void journey.follow(this.#options.reader, key).finally(forget);
    return journey;
  }

  #beat(): void {
    for (const journey of this.#followed.values()) journey.beat();
  }
}
