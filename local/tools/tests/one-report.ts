/** Several runs of node's test runner as one: one reporter, one summary with the sums, one list of what was skipped. */
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import type { Writable } from 'node:stream';

type TestEvent = { readonly type: string; readonly data: Record<string, unknown> };

export interface Totals {
  tests: number;
  suites: number;
  passed: number;
  failed: number;
  cancelled: number;
  skipped: number;
  todo: number;
}

export interface Skipped {
  readonly name: string;
  readonly file: string;
  readonly why: string;
}

export interface OneReport {
  readonly totals: Readonly<Totals>;
  readonly skipped: readonly Skipped[];
  /** False once something has failed, also a suite outside of its tests, which no sum counts. */
  hasPassed(): boolean;
  /** Runs the files, `concurrency` at a time; may be called again. */
  run(files: readonly string[], concurrency: number, signal: AbortSignal): Promise<void>;
  /** Prints failures, the list of skips and the runner's summary; resolves when it is out. */
  close(): Promise<void>;
}

const END_IN_TIME = new URL('./end-in-time.mjs', import.meta.url).href;

/** No single file may hold up the rest for longer; what it has to say of its failures it says between the two. */
const LIMITS = { testMs: 900_000, processMs: 930_000 };

/** `limits`, milliseconds: a test that takes longer has failed; a process of tests that is still there later is ended. */
export function oneReport(out: Writable, limits = LIMITS): OneReport {
  const began = performance.now();
  const totals: Totals = { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 };
  const skipped: Skipped[] = [];
  let isGood = true;
  const reporter = new spec();
  reporter.pipe(out, { end: false });
  const ended = new Promise<void>((resolve) => reporter.once('end', () => resolve()));
  const tell = (message: string): void => {
    reporter.write({ type: 'test:diagnostic', data: { nesting: 0, message, level: 'info' } } as never);
  };
  return {
    totals,
    skipped,
    hasPassed: () => isGood,
    async run(files, concurrency, signal) {
      const execArgv = ['--import', `${END_IN_TIME}?ms=${limits.processMs}`];
      const events = run({ files: [...files], concurrency, signal, timeout: limits.testMs, execArgv });
      for await (const event of events as AsyncIterable<TestEvent>) {
        const skip = skipIn(event);
        if (skip !== undefined) skipped.push(skip);
        if (event.type === 'test:summary' && event.data['file'] === undefined) {
          add(totals, event.data);
          isGood &&= event.data['success'] === true;
        }
        if (!isSummaryLine(event)) reporter.write(event as never);
      }
    },
    async close() {
      for (const { name, file, why } of skipped) tell(`skipped: ${name} (${file}): ${why}`);
      for (const line of summaryLines(totals, performance.now() - began)) tell(line);
      reporter.end();
      await ended;
    },
  };
}

function skipIn({ type, data }: TestEvent): Skipped | undefined {
  const why = data['skip'];
  if ((type !== 'test:pass' && type !== 'test:fail') || why === undefined || why === false) return undefined;
  return {
    name: String(data['name']),
    file: String(data['file'] ?? ''),
    why: typeof why === 'string' && why !== '' ? why : 'no reason given',
  };
}

/** The sums of one run come as diagnostics without a file; ours replace them. */
function isSummaryLine({ type, data }: TestEvent): boolean {
  return type === 'test:diagnostic' && data['nesting'] === 0 && data['file'] === undefined;
}

function add(totals: Totals, data: Record<string, unknown>): void {
  const counts = data['counts'] as Record<keyof Totals, number>;
  for (const key of Object.keys(totals) as (keyof Totals)[]) totals[key] += counts[key];
}

/** In the runner's own words and order. */
function summaryLines(totals: Totals, durationMs: number): string[] {
  return [
    `tests ${totals.tests}`,
    `suites ${totals.suites}`,
    `pass ${totals.passed}`,
    `fail ${totals.failed}`,
    `cancelled ${totals.cancelled}`,
    `skipped ${totals.skipped}`,
    `todo ${totals.todo}`,
    `duration_ms ${durationMs}`,
  ];
}
