/** Arguments that several commands share. */
import { isIP } from 'node:net';
import { type Command, InvalidArgumentError } from 'commander';
import { parseDuration } from '../config/duration.ts';
import { isWorkerName } from '../domain/names.ts';
import { LONGEST_MS } from '../domain/said.ts';
import type { ReleaseWish } from './prepare-release.ts';

/** `<service> <version>`. */
export function aboutRelease(command: Command): Command {
  return command
    .argument('<service>', 'service, as sluice.yaml names it')
    .argument('<version>', 'version of the release')
    .option('--json', 'one JSON value on stdout');
}

/** Milliseconds of `30s`, `10m`, `3d`. */
export function durationArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Write a duration such as 30s, 10m, 2h or 3d.');
  return ms;
}

/** As {@link durationArgument}, of what people say will be kept for so long. */
export function spanArgument(text: string): number {
  const ms = durationArgument(text);
  if (ms > LONGEST_MS) throw new InvalidArgumentError('Write at most a year: 366d.');
  return ms;
}

/** A text with something in it. */
export function wordsArgument(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Write a text that is not empty.');
  return text;
}

const EARLIEST = Date.UTC(2000, 0);
/** Clocks of machines that make commits are not ours. */
const AHEAD_MS = 86_400_000;

/** A time, or seconds since 1970 as git and SOURCE_DATE_EPOCH say it; ISO 8601. */
export function commitTimeArgument(text: string): string {
  const ms = /^\d{9,11}$/.test(text) ? Number(text) * 1_000 : /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (!(ms > EARLIEST && ms < Date.now() + AHEAD_MS))
    throw new InvalidArgumentError('Write a time that is over, such as 2026-11-23T08:15:00Z, or seconds since 1970.');
  return new Date(ms).toISOString();
}

export function countArgument(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 10_000)
    throw new InvalidArgumentError('Write a number from 1 to 10000.');
  return count;
}

export function workerNameArgument(text: string): string {
  if (!isWorkerName(text)) throw new InvalidArgumentError('Write letters, digits, ".", "_" and "-", at most 63.');
  return text;
}

/** `127.0.0.1:9464`, `[::1]:9464`: where a worker listens. */
export function listenArgument(text: string): string {
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (isIP(host.replace(/^\[(.*)\]$/, '$1')) === 0 || Number(port) > 65_535)
    throw new InvalidArgumentError('Write an IP address and a port such as 127.0.0.1:9464.');
  return text;
}

/** What commander parsed, with the options of the program itself. */
export function optionsOf<Options extends object>(command: Command): Options & { readonly config?: string } {
  return command.optsWithGlobals();
}

/** What of a release may be said besides its name. */
export interface WishOptions {
  readonly image?: string;
  readonly manifests?: string;
  readonly until?: string;
  readonly ticket?: string;
  readonly allowOlder?: boolean;
  readonly hotFix?: boolean;
  /** ISO 8601. */
  readonly committedAt?: string;
  readonly buildTook?: number;
}

export function wishOf(
  service: string,
  version: string,
  { image, manifests, until, ticket, allowOlder, hotFix, committedAt, buildTook }: WishOptions,
): ReleaseWish {
  const built = {
    ...(committedAt === undefined ? {} : { committedAt }),
    ...(buildTook === undefined ? {} : { tookMs: buildTook }),
  };
  return {
    service,
    version,
    ...(image === undefined ? {} : { image }),
    ...(manifests === undefined ? {} : { manifests }),
    ...(until === undefined ? {} : { until }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(allowOlder === undefined ? {} : { allowOlder }),
    ...(hotFix === true ? { priority: 'hot-fix' } : {}),
    ...(Object.keys(built).length === 0 ? {} : { built }),
  };
}
