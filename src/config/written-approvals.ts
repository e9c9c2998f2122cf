/** The written form of approvals: who is asked, in which order and for how long, and how people prove who they are. */
import { z } from 'zod';
import { APPROVAL, APPROVAL_POLICY, IDENTITY } from './defaults.ts';
import { DURATION_PATTERN } from './duration.ts';
import { APPROVAL_ORDERS } from '../domain/rulebook.ts';

const text = (what: string) => z.string().min(1).max(2_000).describe(what);
const duration = (what: string) =>
  z.string().regex(DURATION_PATTERN).describe(`${what} (a duration such as 30s, 10m, 3d)`);
const groups = (what: string) => z.array(z.string().min(1)).min(1).describe(what);

export const writtenApproval = z.strictObject({
  required: z
    .int()
    .min(1)
    .max(20)
    .describe(`How many different people must say yes (default ${APPROVAL.required}).`)
    .optional(),
  from: groups('Groups whose members are asked; being in one of them is enough.'),
  not: z
    .array(z.enum(['requester', 'author']))
    .describe(
      'Who may not answer: whoever started the release, whoever made the image ("trust.authors"). Takes the place of the default, [requester]: write both to keep out both; [] allows everybody.',
    )
    .optional(),
  expiresAfter: duration(
    `How long the question stays open; "atDeadline" says what happens then; default ${APPROVAL.expiresAfter}`,
  ).optional(),
});

export const writtenApprovalPolicy = z.strictObject({
  order: z
    .enum(APPROVAL_ORDERS)
    .describe(
      `Several entries of "approvals": all of them (any-order), each after the one before (in-order), or one of them (any-one); default ${APPROVAL_POLICY.order}.`,
    )
    .optional(),
  goodFor: duration('How long a yes counts while others are waited for; default: as long as the question').optional(),
  remindEvery: duration('How often the question reminds of itself; default: never').optional(),
  widen: z
    .strictObject({
      after: duration('How long after the question'),
      to: groups('Groups that may answer as well from then on.'),
    })
    .describe('Whom else to ask when nobody has decided.')
    .optional(),
  atDeadline: z
    .enum(['reject', 'defer'])
    .describe(
      `When the question's time is over: refuse the release, or defer the question to the next open window and ask for the same time again, for sixty days in all (default ${APPROVAL_POLICY.atDeadline}).`,
    )
    .optional(),
  voidOn: z
    .array(z.enum(['content', 'baseline']))
    .min(1)
    .describe(
      'What makes given answers worthless: another content of the plan (always), and, with "baseline", another version running there by then (default [content]).',
    )
    .optional(),
});

const holder = z.strictObject({
  name: text('The person; the same name in several groups is one person.'),
  key: text('PEM file of their public key (Ed25519 or P-256), relative to the file that names it.'),
  aliases: z
    .array(text('Another name of the same person.'))
    .describe('Other names of the same person: with the identity provider, in pipelines.')
    .optional(),
});

export const writtenKeyHolders = z.record(z.string(), z.array(holder).min(1));

export const writtenApprovers = z
  .union([
    z.literal('unproven'),
    z.strictObject({ file: text('YAML file with people and their keys by group, relative to this file.') }),
    writtenKeyHolders,
  ])
  .describe(
    'Whose answers count: people and their keys by group, or a file of them; "unproven" takes every name on trust.',
  );

export const writtenAuthors = z
  .array(
    z.strictObject({
      predicateType: text('in-toto predicate type of the provenance, such as https://slsa.dev/provenance/v1.'),
      at: z
        .array(
          z
            .string()
            .max(500)
            .regex(/^(?:\/(?:[^~/]|~[01])*)+$/),
        )
        .min(1)
        .max(20)
        .describe(
          'JSON Pointers into the predicate, such as /buildDefinition/internalParameters/github/actor: a name, or a list of names.',
        ),
    }),
  )
  .min(1)
  .max(20)
  .describe(
    'Where the provenance of an image says who made it; statements count that are signed by somebody under "signatures" or "signers".',
  );

export const writtenIdentity = z
  .strictObject({
    issuer: z
      .url({ protocol: /^https?$/ })
      .max(500)
      .describe('OIDC issuer, exactly as its tokens name it, such as https://login.microsoftonline.com/<tenant>/v2.0.'),
    clientId: text(
      'Client id of Sluice with that issuer: a public client that may use device codes and, for "sluice serve", return to its address /signed-in.',
    ),
    audience: text('Audience of the identity tokens (default: clientId).').optional(),
    groupsClaim: z
      .enum(['groups', 'roles'])
      .describe(`Claim that holds the groups (default ${IDENTITY.groupsClaim}).`)
      .optional(),
    groups: z
      .record(z.string(), text('What the token says for this group: an object id, or the value of an app role.'))
      .describe('Groups as approvals name them, and as the token names them.'),
    ca: text('PEM file of further certificate authorities, relative to this file.').optional(),
  })
  .describe('People who sign in with an identity provider (Microsoft Entra ID or another OIDC issuer).');
