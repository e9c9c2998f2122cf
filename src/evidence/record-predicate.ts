/**
 * What an environment says of a promotion that ended well: the predicate of its signed record, as one schema from which the types, the
 * reader and `schema/promotion-record.schema.json` come. Additive only: whoever reads lets unknown members pass, and what is optional
 * was not known, or not asked. Everything is what the environment's own worker has seen or verified, except `reportedByEngine`.
 */
import { z } from 'zod';
import { DIGEST_FORM } from '../domain/digest.ts';

/** Changes when a member changes its meaning; added members change nothing. */
export const PROMOTION_PREDICATE = 'https://sluice.dev/promotion/v1';

const text = (what: string) => z.string().describe(what);
const time = (what: string) => z.string().describe(`${what} ISO 8601.`);
const digest = (what: string) => z.string().regex(new RegExp(DIGEST_FORM)).describe(what);

const lock = z.object({ deletable: z.boolean(), writable: z.boolean() });

const from = z
  .object({
    environment: text('Equal to that of "to" for the first environment of a path.'),
    registry: text('Host of its registry.'),
  })
  .describe('Where the image came from.');

const to = z
  .object({
    environment: text('The environment that says all this.'),
    registry: text('Host of its registry.'),
    namespace: text('Kubernetes namespace.'),
  })
  .describe('Where it runs now.');

const plan = z
  .object({
    digest: digest('SHA-256 over the canonical JSON (RFC 8785) of "content": what people approved.'),
    policyVersion: text('Digest of the rules in sluice.yaml by which the environment judged.'),
    content: z.record(z.string(), z.unknown()).describe('The plan itself.'),
  })
  .describe('The plan that was let in and carried out.');

const replaces = z
  .object({ version: text('Its version.'), digest: digest('Its image.'), workflow: text('What had brought it.') })
  .describe('What ran there before; left out: nothing was known to.');

const verdict = z.object({
  rule: text('The rule of the environment that was judged: signatures, provenance, record of <environment> …'),
  answer: text('yes: nothing else lets anything in.'),
  reason: text('What was looked at.'),
  statements: z
    .array(digest('Of the manifest that holds it.'))
    .describe('The statements and signatures on which it rests.'),
});

const gate = z.object({
  gate: text('Its name.'),
  answer: text('yes, wait or no.'),
  reason: text('What it looked at.'),
  overriddenBy: z.object({ by: z.string(), reason: z.string() }).describe('Who let it pass.').optional(),
});

const approval = z.object({
  approver: text('Who answered, as proven.'),
  decision: text('approve; a reject admits nothing.'),
  planDigest: digest('The plan that the person was shown.'),
  groups: z.array(z.string()).describe('Of which groups, as proven.').optional(),
  proof: text('What vouched for it: key or oidc. Left out: nothing did, the name was taken on trust.').optional(),
  signedAt: time('When it was signed.').optional(),
  reason: text('In the words of the person.').optional(),
  overrides: z.array(z.string()).describe('Gates that it lets pass.').optional(),
  statement: text('The signed statement whole, a compact JWS (docs/security.md).').optional(),
});

const decision = z
  .object({
    verdicts: z.array(verdict).describe('Signatures and statements about the image.'),
    gates: z.array(gate).describe('The gates that were asked.'),
    approvals: z.array(approval).describe('Answers that the environment verified and counted.'),
    overrides: z.array(approval).describe('Answers that let it pass closed gates.'),
  })
  .describe(
    'By what it was let in, as the environment judged at "admittedAt". Left out where an older engine let it in.',
  );

const effects = z
  .object({
    manifests: digest('The manifest artefact that was applied.'),
    image: z
      .object({
        tag: text('Means the image in the registry; left out: nobody tagged it where it was pushed.').optional(),
        manifestLock: lock.describe('Attributes of the image itself.').optional(),
        tagLock: lock.describe('Attributes of the tag.').optional(),
      })
      .describe('The image in the registry of the environment.'),
    imports: z
      .array(z.object({ digest: digest('What was copied.'), operation: z.string() }))
      .describe(
        'What its registry was asked to import, the image first, each by the name that the registry gave the operation: its log knows it. Left out: nothing had to be imported, or an older engine began.',
      )
      .optional(),
    workloads: z
      .array(z.object({ ref: z.string(), generation: z.number(), replicas: z.number() }))
      .describe('What rolled out, and the generation that the cluster has observed.'),
    pods: z
      .array(z.object({ name: z.string(), workload: z.string(), imageDigest: z.string() }))
      .describe('Ready pods, and the digest that their nodes report.'),
    health: z
      .object({ url: z.string(), status: z.number() })
      .describe("The service's own answer; left out: it has no address to ask.")
      .optional(),
  })
  .describe('What the environment has asked for itself, and saw with its own eyes before it signed.');

const step = z.object({
  step: text('Its name.'),
  state: text('done or skipped.'),
  startedAt: time('When it began.').optional(),
  endedAt: time('When it ended.').optional(),
  summary: text('In one line.').optional(),
  facts: z.record(z.string(), z.string()).describe('What it left.').optional(),
});

const reportedByEngine = z
  .object({
    steps: z.array(step).describe('The steps as the workflow tells them, with their facts.'),
    ticket: text('The ticket that the release named.').optional(),
  })
  .describe('What the workflow says and the environment cannot know by itself: proof of nothing.');

export const promotionPredicate = z
  .object({
    outcome: z.literal('promoted').describe('Nothing else is ever recorded.'),
    service: text('What was released.'),
    version: text('Its version.'),
    from,
    to,
    rollback: z.literal(true).describe('It went back to what ran well there before.').optional(),
    admittedAt: time('When the environment let it in.'),
    promotedAt: time('When it was proven to run there.'),
    requestedBy: text('Who started it: the name against which "not: [requester]" was judged. A name, no proof.'),
    plan,
    replaces: replaces.optional(),
    decision: decision.optional(),
    effects,
    workflow: z.object({ id: z.string(), runId: z.string() }).describe('In Temporal, as its server names it.'),
    engine: z.object({ name: z.string(), version: z.string() }).describe('The worker that signed.'),
    reportedByEngine,
  })
  .describe(`Predicate of type ${PROMOTION_PREDICATE}; docs/record-predicate.md.`);

export type PromotionPredicate = z.infer<typeof promotionPredicate>;
