import type { GateFacts, GateVerdict, OrderGate } from '../../domain/gate.ts';
import { compareVersions } from '../../domain/version-order.ts';
import { no, yes } from './verdict.ts';

/** Never an older version over a newer one. Versions that cannot be compared are refused like older ones. */
export function judgeOrder(rule: OrderGate, facts: GateFacts): GateVerdict {
  const { version, environment } = facts;
  const there = facts.running.find((one) => one.environment === environment);
  if (there === undefined) return yes(rule, `nothing runs in ${environment} yet`);
  if (there.digest === facts.digest) return yes(rule, `${environment} runs this image already`);
  const order = compareVersions(version, there.version);
  if (order === 'newer') return yes(rule, `${version} is newer than ${there.version}`);
  const finding = order === 'older' ? `${version} is older than` : `nobody can tell whether ${version} is newer than`;
  const reason = `${finding} ${there.version}, which ${environment} runs`;
  if (facts.allowOlder) return yes(rule, `${reason}; the release asked for it`);
  return no(rule, reason, {
    expected: `a version above ${there.version}`,
    got: version,
    remedy: 'release a version with a higher number, or ask for the older one explicitly',
  });
}
