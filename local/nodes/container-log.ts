/** The last lines a container has written, as `kubectl logs` shows them. */

export interface ContainerLog {
  say(line: string): void;
  /** Oldest first; `tail` lines at most. */
  lines(tail?: number, timestamps?: boolean): readonly string[];
}

const KEPT_LINES = 500;

export function containerLog(): ContainerLog {
  const kept: { readonly at: string; readonly text: string }[] = [];
  return {
    say(line) {
      kept.push({ at: new Date().toISOString(), text: line });
      if (kept.length > KEPT_LINES) kept.shift();
    },
    lines(tail = KEPT_LINES, timestamps = false) {
      const last = tail === 0 ? [] : kept.slice(-tail);
      return last.map(({ at, text }) => (timestamps ? `${at} ${text}` : text));
    },
  };
}
