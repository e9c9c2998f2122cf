/** Events of a release as lines for the audience. */
import type { WatchEvent } from '../../src/client/index.ts';
import type { Stage } from './stage.ts';

const MARKS: Readonly<Record<string, string>> = { failed: '✗ ', undone: '↶ ' };

/** Long digests are for machines: the first 12 characters name the same thing on a screen. */
const LONG_DIGEST = /(sha256:[0-9a-f]{12})[0-9a-f]{52}/g;

/** Steps that had nothing to do are gathered into one line; those that merely run are told when they end. */
export function teller(stage: Stage): (event: WatchEvent) => void {
  let needless: string[] = [];
  const flush = (environment: string): void => {
    if (needless.length > 0) stage.line(environment, '–', `nothing to do here for ${needless.join(', ')}`);
    needless = [];
  };
  return (event) => {
    const { environment = '', step, state, kind, text, tookMs } = event;
    if (state === 'pending' || state === 'running') return;
    if (state === 'skipped' && step !== undefined) {
      needless.push(step);
      return;
    }
    flush(environment);
    stage.line(environment, `${MARKS[state ?? ''] ?? ''}${step ?? kind}`, text.replaceAll(LONG_DIGEST, '$1…'), tookMs);
  };
}
