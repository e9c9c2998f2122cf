/** CEL over any predicate: what it may see, and how much of it, so that no predicate keeps a worker busy. */
import type { Image } from '../../domain/image-reference.ts';
import { boundedWorld, type Evaluated, evaluateIn, problemIn } from '../cel/bounded.ts';

const LONGEST_TEXT = 65_536;
const MOST_ENTRIES = 1_000;
const MOST_VALUES = 20_000;
/** Cosign's own type for whatever is attested without one: `Data` is a text, of JSON for the most part. */
const COSIGN_CUSTOM = 'https://cosign.sigstore.dev/attestation/v1';

const LANGUAGE = {
  world: boundedWorld()
    .registerVariable('predicate', 'map<string, dyn>')
    .registerVariable('subject', 'map<string, string>')
    .registerVariable('at', 'google.protobuf.Timestamp'),
  dynamic: true as const,
};

/** Why an expression is refused when it is read, or undefined. */
export function predicateExpressionProblem(expression: string): string | undefined {
  return problemIn(LANGUAGE, expression);
}

export interface PredicateFacts {
  readonly predicateType: string;
  readonly predicate: unknown;
  readonly image: Image;
  readonly at: Date;
}

export function evaluatePredicate(expression: string, facts: PredicateFacts): Evaluated {
  const { predicateType, image, at } = facts;
  return evaluateIn(LANGUAGE, expression, () => ({
    predicate: bounded(predicateType === COSIGN_CUSTOM ? withData(facts.predicate) : facts.predicate),
    subject: new Map(Object.entries({ repository: image.repository, digest: image.digest })),
    at,
  }));
}

function withData(predicate: unknown): unknown {
  const data = (predicate as { readonly Data?: unknown } | undefined)?.Data;
  if (typeof data !== 'string') return predicate;
  try {
    return { ...(predicate as object), Data: JSON.parse(data) as unknown };
  } catch {
    return predicate;
  }
}

/** Objects become maps: whatever their keys are called, they are nothing but keys. */
function bounded(predicate: unknown): unknown {
  let values = 0;
  const copy = (value: unknown): unknown => {
    if (++values > MOST_VALUES) throw new RangeError(`the predicate has more than ${MOST_VALUES} values`);
    if (typeof value === 'string' && value.length > LONGEST_TEXT)
      throw new RangeError(`the predicate has a text of more than ${LONGEST_TEXT} characters`);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    if (entries.length > MOST_ENTRIES)
      throw new RangeError(`the predicate has a list or an object of more than ${MOST_ENTRIES} entries`);
    return Array.isArray(value) ? value.map(copy) : new Map(entries.map(([key, one]) => [key, copy(one)]));
  };
  return copy(predicate);
}
