/** Whether the rules by which each promotion was planned are here, are those that its plan names, and ask what the plan asks. */
import { canonicalJson } from '../content/canonical-json.ts';
import { digestOf } from '../content/digest-of.ts';
import { jsonObject, recordOf } from '../content/json-object.ts';
import { isDigest, shortDigest } from '../domain/digest.ts';
import type { KeptPromotion, KeptRelease } from './derived.ts';
import { type Finding, proven, unproven, wrong } from './findings.ts';
import { type Part, policyAt, policyPath } from './layout.ts';
import { nameOf } from './verify-release.ts';

export function verifyPolicy(parts: readonly Part[], { promotions }: KeptRelease): readonly Finding[] {
  const rules = new Map(parts.map(({ path, bytes }) => [path, bytes]));
  const named = new Set<unknown>(promotions.map(({ run }) => run.plan?.policyVersion));
  const strays = parts.filter(({ path }) => policyAt(path) !== undefined && !named.has(policyAt(path)));
  return [
    ...promotions.flatMap((one) => promotionFindings(one, rules)),
    ...strays.map(({ path }) =>
      wrong('policy', 'what lies in the archive', 'nothing was planned by these rules', { where: path }),
    ),
  ];
}

function promotionFindings(kept: KeptPromotion, rules: ReadonlyMap<string, Uint8Array>): readonly Finding[] {
  const { environment, run } = kept;
  const { plan } = run;
  if (plan === undefined) return [];
  const version = plan.policyVersion;
  const about = `${nameOf(kept)}: the rules ${shortDigest(version)}`;
  const where = isDigest(version) ? policyPath(version) : '';
  const bytes = rules.get(where);
  if (bytes === undefined)
    return [unproven('policy', about, 'they are not in it: others held where it was exported', { environment })];
  const details = { where, environment };
  if (digestOf(bytes) !== version) return [wrong('policy', about, 'these are other rules', details)];
  const written = recordOf(recordOf(jsonObject(bytes)?.['environments'])[environment]);
  const differing = (['approval', 'lockImages', 'rollOutTimeoutMs'] as const).filter(
    (name) => canonicalJson(written[name] ?? null) !== canonicalJson(plan[name] ?? null),
  );
  const other = written['registryHost'] === plan.targetRegistry ? [] : ['registryHost'];
  const faults = [...differing, ...other].map((name) => `the plan has another "${name}" than they ask for`);
  if (faults.length > 0) return faults.map((why) => wrong('policy', about, why, details));
  return [proven('policy', `${about} are in it, and the plan asks what they ask`, details)];
}
