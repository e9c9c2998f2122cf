/** The written form of what must be stated about an image, and by whom: keys of "proofs". */
import { z } from 'zod';
import { SBOM_FORMATS, SEVERITIES } from '../domain/proof.ts';
import { DURATION_PATTERN } from './duration.ts';

const text = (what: string) => z.string().min(1).max(2_000).describe(what);
const texts = (what: string) => z.array(z.string().min(1).max(2_000)).min(1).max(50).describe(what);
const by = texts('Signers whose statements count: names of trust.signers, or "signatures".');

const provenance = z.strictObject({
  by,
  builders: texts('"builder.id", exactly one of these (default: any).').optional(),
  sources: texts(
    'Repository of the source, exactly one of these, such as https://github.com/org/repo (default: any).',
  ).optional(),
  branches: texts(
    'Branch, exactly one of these, or another ref in full: main, refs/tags/v1 (default: any).',
  ).optional(),
  commit: z.literal('required').describe('A full commit id must be named (default: it need not).').optional(),
});

const sbom = z.strictObject({
  by,
  formats: z.array(z.enum(SBOM_FORMATS)).min(1).describe('Forms that count (default: both).').optional(),
});

const limit = (severity: string) =>
  z.int().min(0).max(100_000).describe(`How many of severity ${severity} at most (default: any number).`).optional();

const exception = z.strictObject({
  id: text('What the report calls it: CVE-2026-1234.'),
  owner: text('Who answers for it.'),
  reason: text('Why it may enter all the same.'),
  until: z
    .union([z.iso.date(), z.iso.datetime({ offset: true })])
    .describe('From when it counts again: a day, which is its first moment in UTC, or a time with its offset.'),
});

const vulnerabilities = z.strictObject({
  by,
  noOlderThan: z
    .string()
    .regex(DURATION_PATTERN)
    .describe('How long ago the newest report may have been made (a duration such as 12h, 7d).'),
  most: z
    .strictObject(
      Object.fromEntries(SEVERITIES.map((one) => [one, limit(one)])) as Record<
        (typeof SEVERITIES)[number],
        ReturnType<typeof limit>
      >,
    )
    .describe('How many vulnerabilities may be known at most, each counted once.'),
  exceptions: z.array(exception).max(500).describe('Vulnerabilities that somebody answers for, until then.').optional(),
  vexBy: texts('Signers whose OpenVEX statements are honoured (default: nobody).').optional(),
});

const predicate = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
    .describe('How people call this rule; unique in its environment.'),
  type: text('in-toto predicate type, exactly.'),
  by,
  cel: z.string().min(1).describe('CEL over predicate, subject and at; true is a yes; docs/proofs.md.'),
  because: text('What people read when it is false.'),
});

/** Keys of "proofs" that are about statements. */
export const writtenStatements = z.strictObject({
  provenance: provenance.describe('SLSA provenance, v1 or v0.2: where the image comes from.').optional(),
  sbom: sbom.describe('A bill of materials that can be read.').optional(),
  vulnerabilities: vulnerabilities
    .describe('A vulnerability report, how old it may be and what it may say.')
    .optional(),
  predicates: z.array(predicate).max(50).describe('Other statements, held against expressions.').optional(),
});

export type WrittenStatements = z.infer<typeof writtenStatements>;
