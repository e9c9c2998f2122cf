/** Who is told what happens while something is followed. */
import type { ReleaseEngineError, WatchEvent } from '../../client/index.ts';
import type { Waiting } from '../../contract/status.ts';
import { renderEvent } from '../render/watch-line.ts';
import { type Terminal, tame } from '../terminal.ts';

export interface Listener {
  event(event: WatchEvent): void;
  /** The engine cannot answer for a while. */
  trouble(error: ReleaseEngineError): void;
  /** What it waits for at this moment, if it does. */
  waits(waiting: Waiting | undefined): void;
  /** The following has ended; what is followed may go on. */
  close(): void;
}

/** A person at a terminal; with --json the results alone are printed. */
export function people(terminal: Terminal): Listener {
  return {
    event: (event) => {
      if (!terminal.json) terminal.say(renderEvent(tame(event), terminal.paint));
    },
    trouble: ({ message, remedy }) => terminal.note(tame(remedy === undefined ? message : `${message}; ${remedy}`)),
    waits: () => undefined,
    close: () => undefined,
  };
}
