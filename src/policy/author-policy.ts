/** Who made an image, by what trusted signers have stated about it. Whoever the environment excludes must be known: nobody is no answer. */
import type { Refusal } from '../domain/error-code.ts';
import { keysOf } from '../domain/json-pointer.ts';
import type { AuthorClaim } from '../domain/rulebook.ts';
import type { Attestation } from '../ports/signatures.ts';

type Stated = Pick<Attestation, 'predicateType' | 'predicate'>;

/** Every name at every place that the claims point to, once, in the order of their letters: it is part of the plan's digest. */
export function authorsIn(claims: readonly AuthorClaim[], stated: readonly Stated[]): readonly string[] {
  const names = stated.flatMap(({ predicateType, predicate }) =>
    claims
      .filter((claim) => claim.predicateType === predicateType)
      .flatMap((claim) => claim.at.flatMap((pointer) => namesOf(valueAt(predicate, pointer)))),
  );
  return [...new Set(names)].toSorted();
}

export function authorRefusal(claims: readonly AuthorClaim[], image: string, registry: string): Refusal {
  return {
    code: 'author-unknown',
    message: `nobody trusted says who made ${image} in ${registry}, and who made it may not approve it`,
    expected: `a signed statement: ${claims.map((one) => `${one.predicateType} with ${one.at.join(' or ')}`).join('; ')}`,
    got: 'none that names anybody',
    remedy: 'attest its provenance with a trusted key ("cosign attest"), and release it under a new version',
  };
}

function namesOf(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values
    .filter((one): one is string => typeof one === 'string')
    .map((one) => one.trim())
    .filter(Boolean);
}

/** RFC 6901, "Evaluation"; undefined when nothing is there. Only what the statement itself holds is looked at. */
function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const key of keysOf(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
