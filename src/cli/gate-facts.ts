/** The facts of `sluice gates test`, as they are written on the command line. */
import { ReleaseEngineError } from '../client/release-engine-error.ts';
import type { GateFacts, RunningVersion } from '../domain/gate.ts';
import { isVersion } from '../domain/names.ts';
import { isZone, readTime } from '../policy/gates/index.ts';
import { ANY_DIGEST } from './any-digest.ts';

/** Two images that differ: nothing is looked up here, a version stands for its image. */
const OTHER_DIGEST = ANY_DIGEST.replace(/[0-9a-f]{64}$/, 'f'.repeat(64));

export interface WrittenFacts {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly at?: string;
  readonly ticket?: string;
  readonly requestedBy?: string;
  readonly running?: readonly string[];
  readonly allowOlder?: boolean;
}

export function gateFacts(written: WrittenFacts, now: Date, user: string): GateFacts {
  const { service, version, environment, at, ticket } = written;
  if (!isVersion(version))
    throw wrong('version-malformed', `"${version}" cannot be a version`, 'a version such as 2026.11.3', version);
  return {
    at: at === undefined ? now.toISOString() : timeOf(at),
    service,
    version,
    digest: ANY_DIGEST,
    environment,
    requestedBy: written.requestedBy ?? user,
    ...(ticket === undefined ? {} : { ticket }),
    allowOlder: written.allowOlder ?? false,
    running: (written.running ?? []).map((one) => runningOf(one, version)),
    overrides: [],
    restraints: [],
  };
}

/** With an offset, with a zone in brackets, or in the zone of this machine. A time that occurs twice is its first occurrence. */
export function timeOf(text: string): string {
  const [, local = text, zone = Intl.DateTimeFormat().resolvedOptions().timeZone] = /^(.*)\[(.+)\]$/.exec(text) ?? [];
  const read = isZone(zone) ? readTime(local, zone) : undefined;
  if (read === undefined) {
    const expected = '2026-12-24T16:00, 2026-12-24T16:00+01:00 or 2026-12-24T16:00[Europe/Berlin]';
    throw wrong('input-invalid', `"${text}" is no time`, expected, text);
  }
  return new Date(read.earliest).toISOString();
}

/** `staging=2026.11.3@2026-11-20T08:00:00Z`. */
export function runningOf(text: string, asked: string): RunningVersion {
  const [, environment = '', version = '', since = ''] = /^([^=]+)=([^@]+)@(.+)$/.exec(text) ?? [];
  if (environment === '')
    throw wrong('input-invalid', `"${text}" does not say what runs`, 'staging=2026.11.3@2026-11-20T08:00Z', text);
  return { environment, version, digest: version === asked ? ANY_DIGEST : OTHER_DIGEST, since: timeOf(since) };
}

/** An argument that is not what it should be. */
export function wrong(
  code: 'input-invalid' | 'version-malformed',
  message: string,
  expected: string,
  got: string,
): ReleaseEngineError {
  return new ReleaseEngineError(code, message, { expected, got, remedy: `write ${expected}` });
}
