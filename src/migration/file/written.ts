/** The written form of `migration.yaml`. Shapes only: what refers to what is checked by `rules.ts`, what is not written is set by `read.ts`. */
import { z } from 'zod';
import { DURATION_PATTERN } from '../../config/duration.ts';
import { STATES, TARGETS } from '../states.ts';

export const COMPARISONS = 'migration/comparisons';
export const REHEARSALS = 'migration/rehearsals';

const text = (what: string) => z.string().min(1).max(2_000).describe(what);
const count = (what: string) => z.int().min(1).max(1_000).describe(what);
const duration = (what: string) => z.string().regex(DURATION_PATTERN).describe(`${what} (a duration such as 12h, 14d)`);
const environments = z
  .array(z.string().min(1))
  .min(1)
  .describe('In these environments (default: all on the path of the service).')
  .optional();
const names = (what: string) => z.array(z.string().min(1)).min(1).describe(what).optional();

const comparisons = z
  .strictObject({
    equal: count('So many in a row, the newest ones, in each environment.'),
    within: duration('None of them older than this'),
    environments,
  })
  .describe('Comparisons that were equal ("sluice compare").');
const adopted = z
  .strictObject({ environments })
  .describe('Sluice has on record what runs there ("sluice adopt", or a release).');
const rehearsal = z
  .strictObject({
    within: duration('The last one not older than this'),
    forReal: z
      .boolean()
      .describe(
        'It has to have gone back and forward (true), or a look suffices (default: true but at the end of the path).',
      )
      .optional(),
    environments,
  })
  .describe('The way back was rehearsed, and it went well ("sluice rehearse rollback").');
const releases = z
  .strictObject({ last: count('So many in a row, the newest ones, in each environment.'), environments })
  .describe('Releases by Sluice arrived, and none was undone or taken back.');
const unrestrained = z.strictObject({ environments }).describe('No stop and no hold is in force there.');
const wave = z
  .strictObject({
    name: text('Name of the other wave.'),
    state: z.enum(TARGETS).describe('Each of its services has got at least that far.'),
    for: duration('And for at least so long').optional(),
  })
  .describe('How far another wave is.');
const signOff = z
  .strictObject({ by: names('One of these has to (default: anybody).') })
  .describe('Somebody has signed for it, under "signOffs".');

export const writtenGate = z.union([
  z.strictObject({ comparisons }),
  z.strictObject({ adopted }),
  z.strictObject({ rehearsal }),
  z.strictObject({ releases }),
  z.strictObject({ unrestrained }),
  z.strictObject({ wave }),
  z.strictObject({ signOff }),
]);
const writtenWaveGate = z.union([z.strictObject({ wave }), z.strictObject({ signOff })]);

const gates = (what: string) =>
  z
    .strictObject({
      comparing: z.array(writtenGate).describe('Besides the gates of its wave.').optional(),
      adopted: z.array(writtenGate).describe('Before Sluice takes it into its records.').optional(),
      managed: z.array(writtenGate).describe('Before Sluice deploys it.').optional(),
      done: z.array(writtenGate).describe('Before legacy may be removed.').optional(),
    })
    .describe(what)
    .optional();

const at = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .describe('Day (2026-12-01), or moment with its offset.');
const by = text('Who.');
const note = text('What they have looked at.').optional();

const change = z.strictObject({
  at: z.iso.datetime({ offset: true }).describe('When.'),
  by,
  from: z.enum(STATES).describe('State before.'),
  to: z.enum(STATES).describe('State since then.'),
  reason: text('Why.').optional(),
});

const service = z.strictObject({
  owner: text('Whose it is: who answers for each step, and goes back to legacy if need be.'),
  wave: text('The wave with which it goes over.'),
  state: z.enum(STATES).describe('How far it has come; "sluice migration advance" and "revert" write it.'),
  backToLegacy: z
    .array(text('One step.'))
    .min(1)
    .describe('What the owner does to let the legacy pipeline deploy again, in order.'),
  gates: gates('Its own gates, each list instead of the common one.'),
  signOffs: z
    .array(z.strictObject({ for: z.enum(TARGETS).describe('The state to go on to.'), by, at, note }))
    .describe('Who has signed for a next step; written by hand, reviewed with the file.')
    .optional(),
  history: z.array(change).describe('How it came to its state, the oldest first; written by Sluice.').optional(),
});

export const writtenMigration = z.strictObject({
  version: z.literal(1).describe('Version of this grammar.'),
  comparisons: text(
    `Folder of what "sluice compare --json" said, relative to this file (default ${COMPARISONS}).`,
  ).optional(),
  rehearsals: text(
    `Folder of what "sluice rehearse rollback --json" said, relative to this file (default ${REHEARSALS}).`,
  ).optional(),
  gates: gates('What must be true before a service gets to a state.'),
  waves: z
    .array(
      z.strictObject({
        name: text('Name of the wave.'),
        gates: z
          .array(writtenWaveGate)
          .describe('Before one of its services leaves legacy (default: the wave before it is managed).')
          .optional(),
        signOffs: z.array(z.strictObject({ by, at, note })).describe('Who has signed for its beginning.').optional(),
      }),
    )
    .min(1)
    .describe('In the order in which they go over.'),
  services: z.record(z.string(), service).describe('What goes over, by name as in sluice.yaml.'),
});

export type WrittenMigration = z.infer<typeof writtenMigration>;
export type WrittenMigrationGate = z.infer<typeof writtenGate>;
