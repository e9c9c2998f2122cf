/** The written form of gates: one key says which kind it is. */
import { z } from 'zod';
import { CHECK } from './defaults.ts';
import { DURATION_PATTERN } from './duration.ts';
import { writtenSecret } from './written-secret.ts';

const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const DAYS = new RegExp(`^${DAY}(?:-${DAY})?(?:, ?${DAY}(?:-${DAY})?)*$`);
const CLOCK = /^(?:[01][0-9]|2[0-3]):[0-5][0-9]$/;
const WEEK_CLOCK = new RegExp(`^(?:${DAY} )?(?:[01][0-9]|2[0-3]):[0-5][0-9]$`);
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?$/;

const any = {
  name: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
    .describe('How people and commands call this gate (default: its kind; kind-2 for the second of a kind).')
    .optional(),
  override: z
    .array(z.string().min(1))
    .min(1)
    .describe('Groups whose members may pass this gate while it is closed, with a reason (default: nobody).')
    .optional(),
};

const zone = z.string().min(1).describe('Time zone of the IANA database, such as Europe/Berlin.');
const days = z.string().regex(DAYS).describe('Days on which it begins, such as Mon-Thu or "Mon, Wed".');
const services = z
  .array(z.string().min(1))
  .min(1)
  .describe('Services, or groups of "serviceGroups", that it concerns (default: all).')
  .optional();

const soak = z.strictObject({
  in: z.string().min(1).describe('Environment before this one in which the image has to be healthy.'),
  for: z.string().regex(DURATION_PATTERN).describe('How long (a duration such as 30s, 10m, 3d).'),
  ...any,
});

const calendarFreeze = z.strictObject({
  calendar: z.string().min(1).describe('iCalendar file, relative to this file; at most 1 MiB.'),
  zone: zone.describe('Time zone of all-day events and of times without one; needed only for those.').optional(),
  services,
  ...any,
});

const weeklyFreeze = z.strictObject({
  from: z.string().regex(WEEK_CLOCK).describe('"16:00" on each of "days", or once a week: "Fri 16:00".'),
  to: z.string().regex(WEEK_CLOCK).describe('"09:00", the next day when not later than "from"; or "Mon 09:00".'),
  days: days.describe('Days on each of which it begins; not with days in "from" and "to".').optional(),
  zone,
  services,
  ...any,
});

const datedFreeze = z.strictObject({
  start: z.string().regex(TIME).describe('Such as 2026-12-24T16:00 in the zone, or with an offset.'),
  end: z.string().regex(TIME).describe('The first moment after it; at most 366 days later.'),
  zone,
  services,
  ...any,
});

const hours = z.strictObject({
  zone,
  days,
  from: z.string().regex(CLOCK).describe('Such as "09:00".'),
  to: z.string().regex(CLOCK).describe('Such as "16:00"; the next day when earlier than "from".'),
  ...any,
});

const order = z.strictObject(any);

const ticket = z.strictObject({
  pattern: z
    .string()
    .min(1)
    .describe('Regular expression that the whole ticket matches; few repetitions, none of groups.'),
  ...any,
});

const expression = z.strictObject({
  cel: z.string().min(1).describe('CEL over the facts; true opens the gate.'),
  because: z.string().min(1).describe('What people read when it is false.'),
  ...any,
});

const external = z.strictObject({
  url: z.string().min(1).max(2_000).describe('Who is asked: an https address without credentials.'),
  secretFrom: writtenSecret.describe('Where the secret is kept that signs the question (Standard Webhooks: whsec_…).'),
  timeout: z
    .string()
    .regex(DURATION_PATTERN)
    .describe(`How long an answer may take (a duration; default ${CHECK.timeout}, at most ${CHECK.longest}).`)
    .optional(),
  ...any,
});

export const writtenGate = z.union([
  z.strictObject({ soak: soak.describe('The same image has been healthy in another environment for a time.') }),
  z.strictObject({
    freeze: z
      .union([calendarFreeze, weeklyFreeze, datedFreeze])
      .describe('A time in which nothing enters: an iCalendar file, weekly, or dated.'),
  }),
  z.strictObject({ hours: hours.describe('Opens only within these hours.') }),
  z.strictObject({ order: order.describe('Never an older version over a newer one.') }),
  z.strictObject({ ticket: ticket.describe('The release names a ticket.') }),
  z.strictObject({ expression: expression.describe('An expression over the facts is true.') }),
  z.strictObject({ external: external.describe('Somebody outside is asked by HTTPS and decides.') }),
]);

export type WrittenGate = z.infer<typeof writtenGate>;
export type WrittenFreeze = Extract<WrittenGate, { freeze: unknown }>['freeze'];
export type WrittenWeeklyFreeze = z.infer<typeof weeklyFreeze>;
