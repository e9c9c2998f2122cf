/** `rehearse`: from what is written on the command line to a rehearsal. What it needs is loaded here, and by no other command. */
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import { currentUser, loadConfig, testServer } from '../config/load.ts';
import { isVersion } from '../domain/names.ts';
import { EXIT, type ExitCode, exitOfOutcome } from './exit-codes.ts';
import { runningOf, timeOf, wrong } from './gate-facts.ts';
import { packRelease, serviceOf } from './prepare-release.ts';
import { renderRehearsal } from './render/rehearsal.ts';
import { type Terminal, tame } from './terminal.ts';
import { assertOnPath } from './test-gates.ts';

export interface RehearseOptions {
  readonly until?: string;
  readonly at?: string;
  readonly approveAfter: number;
  readonly running?: readonly string[];
  readonly ticket?: string;
  readonly requestedBy?: string;
  readonly allowOlder?: boolean;
}

const YEAR_MS = 366 * 86_400_000;
/** A start that is written as "now" is a little before now when it is read. */
const JUST_NOW_MS = 60_000;

export async function runRehearsal(
  { service, version }: { readonly service: string; readonly version: string },
  options: RehearseOptions & { readonly config?: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const config = await loadConfig(options.config);
  const rules = serviceOf(config, service);
  if (!isVersion(version))
    throw wrong('version-malformed', `"${version}" cannot be a version`, 'a version such as 2026.11.3', version);
  const running = (options.running ?? []).map((one) => runningOf(one, version));
  for (const { environment } of running) assertOnPath(rules.name, rules.path, environment);
  const atMs = options.at === undefined ? undefined : startOf(options.at, Date.now());
  const program = testServer() ?? throwMissing();
  const { rehearse } = await import('../rehearsal/rehearse.ts');
  if (!terminal.json) terminal.note('rehearsing with stand-ins in memory; nothing real is touched …');
  const { until, ticket, allowOlder } = options;
  const wish = {
    ...{ service, version },
    ...(until === undefined ? {} : { until }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(allowOlder === undefined ? {} : { allowOlder }),
  };
  const stop = new AbortController();
  const interrupted = (): void => stop.abort();
  const signals = ['SIGINT', 'SIGTERM'] as const;
  signals.forEach((one) => process.once(one, interrupted));
  try {
    const rehearsal = await rehearse({
      ...wish,
      rulebook: config.rulebook,
      requestedBy: options.requestedBy ?? (await currentUser()),
      approveAfterMs: options.approveAfter,
      ...(atMs === undefined ? {} : { atMs }),
      running,
      testServer: program,
      signal: stop.signal,
      prepare: (registry) => packRelease(config, wish, () => Promise.resolve(registry)),
    });
    if (terminal.json) terminal.sayJson(rehearsal);
    else terminal.say(renderRehearsal(tame(rehearsal), terminal.paint));
    return rehearsal.outcome === undefined ? EXIT.waiting : exitOfOutcome(rehearsal.outcome.kind);
  } catch (error) {
    if (stop.signal.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    signals.forEach((one) => process.off(one, interrupted));
  }
}

/** The server's clock goes forward only. */
function startOf(text: string, nowMs: number): number {
  const at = Date.parse(timeOf(text));
  if (at >= nowMs - JUST_NOW_MS && at <= nowMs + 10 * YEAR_MS) return at;
  throw wrong('input-invalid', `a rehearsal cannot start at ${text}`, 'a time from now on, within ten years', text);
}

function throwMissing(): never {
  throw new ReleaseEngineError(
    'temporal-test-server-unavailable',
    "Temporal's time-skipping test server is not on this machine",
    {
      expected: 'temporal-test-server, on PATH or in the cache of tools',
      got: 'no such program',
      remedy:
        'in the checkout of Sluice: node local/tools/setup.mjs --only temporal-test-server; or name a program with SLUICE_TEMPORAL_TEST_SERVER',
    },
  );
}
