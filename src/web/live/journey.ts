/** One watched release and everybody who looks at it: a single watch, however many viewers. */
import { isMoving, type ReleaseKey, type ReleaseView, type WatchEvent } from '../../client/index.ts';
import type { Reader } from '../reader.ts';
import type { Drawing } from '../pages/drawing.ts';
import type { Viewer } from './viewer.ts';

export type Draw = (view: ReleaseView) => Drawing;

export class Journey {
  readonly #viewers = new Set<Viewer>();
  readonly #stop = new AbortController();
  readonly #draw: Draw;
  readonly #begun = Promise.withResolvers<void>();
  #drawing: Drawing | undefined;
  #trouble: string | undefined;
  #looks = 0;
  /** The release has. */
  #ended = false;
  /** The watch has. */
  #over = false;

  constructor(draw: Draw) {
    this.#draw = draw;
    // whoever joined is told; when all have left before the first look, nobody needs to be
    this.#begun.promise.catch(() => undefined);
  }

  get size(): number {
    return this.#viewers.size;
  }

  /** Nobody has been told anything yet. */
  get #isSilent(): boolean {
    return this.#drawing === undefined && this.#trouble === undefined;
  }

  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** Resolves when the viewer has seen something. Throws what the first look at the release threw. */
  async join(viewer: Viewer): Promise<void> {
    this.#viewers.add(viewer);
    await this.#begun.promise;
    if (this.#drawing !== undefined) viewer.draw(this.#drawing);
    if (this.#trouble !== undefined) viewer.tell(this.#trouble);
    if (this.#over) this.#dismiss(viewer);
  }

  leave(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer)) return;
    if (this.#viewers.size === 0) this.stop();
  }

  stop(): void {
    this.#stop.abort();
  }

  beat(): void {
    for (const viewer of this.#viewers) viewer.beat();
  }

  /** Until the release has ended or nobody looks any more. */
  async follow(reader: () => Promise<Reader>, key: ReleaseKey): Promise<void> {
    try {
      const watch = (await reader()).watch(key, {
        signal: this.#stop.signal,
        rollbacks: true,
        onView: (view) => this.#look(view),
        onTrouble: ({ message, remedy }) => this.#troubled(remedy === undefined ? message : `${message}; ${remedy}`),
      });
      // what has happened before the first look is on its drawing already
      for await (const event of watch) if (this.#looks > 1) this.#tellAll(newsOf(event));
    } catch (error) {
      // those who have been told nothing yet get an answer of another kind
      if (this.#isSilent) this.#viewers.clear();
      this.#begun.reject(error);
    } finally {
      this.#over = true;
      for (const viewer of this.#viewers) this.#dismiss(viewer);
    }
  }

  #look(view: ReleaseView): void {
    const drawing = this.#draw(view);
    this.#looks += 1;
    this.#ended = !isMoving(view);
    this.#trouble = undefined;
    if (this.#drawing?.id !== drawing.id) {
      this.#drawing = drawing;
      for (const viewer of this.#viewers) viewer.draw(drawing);
    }
    this.#begun.resolve();
  }

  /** A browser that is not told of an end comes back. */
  #dismiss(viewer: Viewer): void {
    if (this.#ended) viewer.end();
    else viewer.drop();
  }

  #troubled(text: string): void {
    if (text === this.#trouble) return;
    // those who wait for the first word read it when they join
    if (!this.#isSilent) this.#tellAll(text);
    this.#trouble = text;
    this.#begun.resolve();
  }

  #tellAll(news: string): void {
    for (const viewer of this.#viewers) viewer.tell(news);
  }
}

function newsOf({ environment, step, state, kind, text }: WatchEvent): string {
  const where = [environment, step, state ?? kind].filter((part) => part !== undefined).join(' ');
  return `${where}: ${text}`;
}
