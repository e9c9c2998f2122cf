/** Mistakes in gates that have the code `config-invalid` and deserve a word of their own: what was written, what is said, what to do. */
export interface ConfigMistake {
  readonly title: string;
  /** A gate with the mistake. */
  readonly example: string;
  /** Part of the message. */
  readonly says: string;
  readonly why: string;
  readonly remedy: string;
}

export const CONFIG_MISTAKES: readonly ConfigMistake[] = [
  {
    title: 'A freeze without an end',
    example: '{ freeze: { zone: UTC, start: "2026-12-02T00:00" } }',
    says: '"end" is missing',
    why: 'A freeze that nobody ends keeps an environment closed for ever, and nobody remembers why.',
    remedy: 'Write "end"; to close an environment for good, remove it from the path.',
  },
  {
    title: 'A freeze of more than a year',
    example: '{ freeze: { zone: UTC, start: "2026-12-02T00:00", end: "9999-12-01T00:00" } }',
    says: 'it lasts for more than 366 days',
    why: 'One stretch, dated or in a calendar, lasts for 366 days at most.',
    remedy: 'Write a nearer "end", and the next stretch when it is due.',
  },
  {
    title: 'Weekly freezes that leave no pause',
    example:
      '{ freeze: { zone: UTC, from: Mon 00:00, to: Sun 23:59 } }, { freeze: { zone: UTC, from: Sun 23:00, to: Mon 01:00 } }',
    says: 'never end for iam',
    why: 'Each of them ends, but together they leave a service no moment in the week.',
    remedy: 'Leave a pause; which services a freeze concerns stands under its "services".',
  },
  {
    title: 'An unknown time zone',
    example: '{ freeze: { zone: Mars, days: Mon, from: "09:00", to: "16:00" } }',
    says: 'there is no time zone "Mars"',
    why: 'Zones are those of the IANA database; abbreviations and offsets are none, because they know no summer.',
    remedy: 'Write Europe/Berlin, America/New_York, UTC …',
  },
  {
    title: 'An expression that does not type-check',
    example: '{ expression: { cel: "ticket > 1", because: x } }',
    says: 'the expression cannot be used',
    why: 'CEL is checked when it is read, against the facts that gates have: unknown names, operators that do not fit their operands, and results that are no bool are refused.',
    remedy: 'docs/gates.md lists the facts and their types.',
  },
  {
    title: 'An expression that may not end',
    example: '{ expression: { cel: "running.all(a, running.all(b, running.all(c, true)))", because: x } }',
    says: 'more than 2',
    why: 'What an expression costs has a bound: at most 500 characters, 200 nodes and two of "all", "exists", "exists_one", "map" and "filter"; "matches" and "cel.bind" are not available.',
    remedy: 'Say it more simply, or ask somebody outside with an "external" gate.',
  },
  {
    title: 'A pattern that could take for ever',
    example: '{ ticket: { pattern: "(a+)+" } }',
    says: 'the pattern cannot be used',
    why: 'A repeated group, a back reference or a look-around can make one short ticket cost minutes.',
    remedy: 'Write it like [A-Z]+-[0-9]+.',
  },
];

/** What is in the queue of an environment, and gone. */
export const NO_ERRORS: readonly { readonly title: string; readonly happens: string }[] = [
  {
    title: 'A release that was terminated while it waited for its turn',
    happens:
      'Whoever is terminated in Temporal says nothing any more. Its entry in the queue of the environment stays until the desk has something to tell it, at the latest when its turn comes: that does not arrive, the entry is dropped, and the next one gets the lease at once. A terminated holder is asked whether it is still there as soon as somebody waits behind it, and then every minute. Nobody has to clean up; "sluice environment" shows the queue.',
  },
  {
    title: 'Two answers at the same instant',
    happens:
      'Both are looked at in the order in which they arrived: of one person the second one is refused with `approval-duplicate`, of two people both count. A flood of answers is verified twenty at a time, and the rest wait.',
  },
];
