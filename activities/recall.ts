/**
 * What an environment remembers, for a desk that was opened anew: stops and holds, who was let in last, what runs here. Nothing that
 * cannot be read counts as nothing.
 */
import pLimit from 'p-limit';
import type { Inside, RecallAnswer, RecallRequest } from '../src/contract/activities.ts';
import type { RunningHere } from '../src/contract/environment-workflow.ts';
import type { Admission } from '../src/contract/plan.ts';
import { versionIn } from '../src/contract/workflow-ids.ts';
import { type Restraint, withRestraint } from '../src/domain/restraint.ts';
import { namespaceOf, type ServiceRules } from '../src/domain/rulebook.ts';
import type { Unread } from '../src/domain/unread.ts';
import { PortError } from '../src/ports/port-error.ts';
import { readAdmission, readRecord } from './remembered.ts';
import { readRestraints } from './restraints.ts';
import { servicesOf, type Zone } from './zone.ts';

/** Services looked at together: a cluster answers each within milliseconds, and has others to serve. */
const AT_ONCE = 10;

interface Remembered {
  readonly restraints: readonly Restraint[];
  readonly admission: Admission | undefined;
  readonly running: RunningHere | undefined;
}

/** Throws what kept it from reading when nothing could be read at all: then asking again is all that helps. */
export async function recallEnvironment(zone: Zone, { services: asked }: RecallRequest): Promise<RecallAnswer> {
  const services = servicesOf(zone).filter(({ name }) => asked === undefined || asked.includes(name));
  const limit = pLimit(AT_ONCE);
  const read = await Promise.allSettled(services.map((service) => limit(() => recall(zone, service))));
  const known = services.flatMap(({ name }, index) => {
    const one = read[index];
    return one?.status === 'fulfilled' ? [{ name, ...one.value }] : [];
  });
  const failed = read.find((one) => one.status === 'rejected');
  if (failed !== undefined && known.length === 0) throw failed.reason;
  const unknown = services.filter(({ name }) => !known.some((one) => one.name === name));
  return {
    restraints: newestOfEach(known.flatMap((one) => one.restraints)),
    inside: known.flatMap(({ name, admission }) => insideOf(name, admission)),
    running: Object.fromEntries(known.flatMap(({ name, running }) => (running === undefined ? [] : [[name, running]]))),
    fence: Math.max(0, ...known.map(({ admission }) => admission?.fence ?? 0)),
    ...(failed === undefined ? {} : { unread: unreadFrom(failed.reason, unknown) }),
  };
}

async function recall(zone: Zone, service: ServiceRules): Promise<Remembered> {
  const namespace = namespaceOf(service, zone.environment);
  const [restraints = [], admission, record] = await Promise.all([
    readRestraints(zone, namespace, service.name),
    readAdmission(zone, namespace, service.name),
    readRecord(zone, namespace, service.name),
  ]);
  return {
    restraints,
    admission,
    running:
      record === undefined
        ? undefined
        : {
            ...{ version: record.version, digest: record.image.digest, since: record.since },
            ...{ approvedBy: record.approvedBy, requestedBy: record.requestedBy, workflowId: record.workflowId },
          },
  };
}

/** What concerns every service stands beside each of them; where they differ, the last word counts. */
function newestOfEach(all: readonly Restraint[]): readonly Restraint[] {
  const inOrder = all.toSorted((a, b) => a.since.localeCompare(b.since));
  return inOrder.reduce<readonly Restraint[]>(withRestraint, []);
}

/** Only what ends well is marked as ended: others are inside for as long as their workflow runs. */
export function insideOf(service: string, admission: Admission | undefined): readonly Inside[] {
  if (admission?.fence === undefined || admission.endedAt !== undefined) return [];
  const { workflowId, runId, fence, at } = admission;
  return [{ service, version: versionIn(workflowId) ?? 'unknown', workflowId, runId, fence, since: at }];
}

function unreadFrom(reason: unknown, services: readonly ServiceRules[]): Unread {
  const code = reason instanceof PortError ? reason.code : 'internal';
  const why = reason instanceof Error ? reason.message : String(reason);
  return { code, why, services: services.map(({ name }) => name) };
}
