/**
 * Taking a running service into management: a signed word for exactly what this zone sees at that moment, then three things are remembered
 * that a roll-back and the next release need. Nothing of the service is touched.
 */
import { activityInfo } from '@temporalio/activity';
import type { AdoptRequest } from '../../src/contract/activities.ts';
import type { AdoptAnswer, Adopted, Adoption, AdoptionReport } from '../../src/contract/adoption-workflow.ts';
import type { Admission, KnownGood, PromotionRecord } from '../../src/contract/plan.ts';
import { digestOfJson } from '../../src/content/digest-of.ts';
import { isOfAdoption } from '../../src/contract/workflow-ids.ts';
import type { Refusal } from '../../src/domain/error-code.ts';
import { namespaceOf } from '../../src/domain/rulebook.ts';
import { spendable, spentAmong, type SpentStatement, withSpent } from '../../src/domain/spent-statements.ts';
import { hasEnded } from '../desks.ts';
import { audit } from '../audit.ts';
import { insideOf } from '../recall.ts';
import { parsed, readAdmission, readRecord } from '../remembered.ts';
import type { Zone } from '../zone.ts';
import { lookToAdopt } from './look.ts';
import { attachAdoption } from './signed.ts';
import { type Word, wordOf } from './word.ts';

export async function adopt(zone: Zone, request: AdoptRequest, signal: AbortSignal): Promise<AdoptAnswer> {
  const { word, ...asked } = request;
  const report = await lookToAdopt(zone, asked, signal);
  const known = await adoptedAlready(zone, request, report);
  if (known !== undefined) {
    await rememberWay(zone, known);
    return {
      ok: true,
      how: known.adopted.found === word.found ? 'adopted' : 'already',
      adopted: known.adopted,
      report,
    };
  }
  const { adoption, found } = report;
  if (adoption === undefined || found === undefined) return refused(request, blocked(report), report);
  if (found !== word.found) return refused(request, changed(word.found, found), report);
  const said = await wordOf(zone, adoption, word);
  if (!said.ok) return refused(request, said.refusal, report);
  const late = await enter(zone, adoption, found, said);
  if (late !== undefined) return refused(request, late, report);
  const record = await write(zone, await signedRecord(zone, request, recordOf(zone, adoption, found, said), adoption));
  if (record.adopted?.found !== found) return refused(request, managedMeanwhile(record), report);
  await rememberWay(zone, record);
  await leave(zone, adoption, found);
  return { ok: true, how: 'adopted', adopted: record.adopted, report };
}

type AdoptedRecord = PromotionRecord & { readonly adopted: Adopted };

/** Undefined: it is not, or something else is. */
async function adoptedAlready(
  zone: Zone,
  { service, version, manifests }: AdoptRequest,
  { image, namespace }: AdoptionReport,
): Promise<AdoptedRecord | undefined> {
  if (image === undefined || namespace === undefined) return undefined;
  const record = await readRecord(zone, namespace, service);
  if (record?.adopted === undefined || record.image.digest !== image.digest) return undefined;
  const isAnother = (asked: string | undefined, known: string): boolean => asked !== undefined && asked !== known;
  if (isAnother(version, record.version) || isAnother(manifests, record.manifests)) return undefined;
  return { ...record, adopted: record.adopted };
}

function recordOf(zone: Zone, adoption: Adoption, found: string, { by, proof, reason }: Word): AdoptedRecord {
  const { service, version, image, manifests, objects, workloads, unproven } = adoption;
  const at = zone.now().toISOString();
  const adopted: Adopted = {
    ...{ by, at, reason, found },
    ...(proof === undefined ? {} : { proof }),
    images: Object.fromEntries(workloads.map((one) => [one.workload, one.image])),
    ...(unproven.length === 0 ? {} : { unproven }),
  };
  const { workflowId } = caller();
  // how long it has run before is nobody's word: a soak begins now
  return {
    format: 1,
    service,
    version,
    image,
    manifests,
    objects,
    since: at,
    workflowId,
    approvedBy: [],
    requestedBy: by,
    adopted,
  };
}

/** Signed before it is remembered, as promotions are. */
async function signedRecord(
  zone: Zone,
  { word }: AdoptRequest,
  record: AdoptedRecord,
  adoption: Adoption,
): Promise<AdoptedRecord> {
  const { workflowId: id, runId } = caller();
  const attached = await attachAdoption(zone, adoption, record.adopted, word, { id, runId });
  if (attached === undefined) return record;
  const { at, digest: signed } = attached;
  return { ...record, since: at, signed, adopted: { ...record.adopted, at } };
}

/** What is remembered then: this, or whatever somebody else has written meanwhile. */
async function write(zone: Zone, record: AdoptedRecord): Promise<PromotionRecord> {
  let remembered: PromotionRecord = record;
  await zone.ports.records.change('record', placeOf(zone, record.service), record.service, (text) => {
    const known = parsed<PromotionRecord>(text);
    remembered = known ?? record;
    return known === undefined ? JSON.stringify(record) : undefined;
  });
  return remembered;
}

/** Whatever has entered since is newer than what was there before all of it. */
async function rememberWay(zone: Zone, { service, version, image, manifests, since }: PromotionRecord): Promise<void> {
  const own: KnownGood = { version, image, manifests, since };
  await zone.ports.records.change('history', placeOf(zone, service), service, (text) => {
    const known = parsed<readonly KnownGood[]>(text) ?? [];
    return known.some((one) => one.version === version) ? undefined : JSON.stringify([...known, own]);
  });
}

/** Decides on what stands there at that moment: nobody else is inside, and the statement has let nothing in before. */
async function enter(zone: Zone, adoption: Adoption, found: string, { proven }: Word): Promise<Refusal | undefined> {
  const { service, namespace } = adoption;
  const statements = spendable([proven]);
  const [inside] = insideOf(service, await readAdmission(zone, namespace, service));
  const over = inside !== undefined && (await hasEnded(inside)) ? inside.runId : undefined;
  let refusal: Refusal | undefined;
  await zone.ports.records.change('admission', namespace, service, (text) => {
    const known = parsed<Admission>(text);
    const isOwn = known !== undefined && known.planDigest === found && known.workflowId === caller().workflowId;
    if (isOwn && known.endedAt === undefined) return undefined;
    refusal = known !== undefined && isOpen(service, known, over) ? underWay(known) : spentBefore(known, statements);
    if (refusal !== undefined) return undefined;
    const { fence } = known ?? {};
    const admission: Admission = {
      ...{ format: 1, planDigest: found, baselineDigest: digestOfJson({}), ...caller(), at: zone.now().toISOString() },
      ...withSpent(known ?? {}, statements, zone.now().getTime()),
      ...(fence === undefined ? {} : { fence }),
    };
    return JSON.stringify(admission);
  });
  return refusal;
}

async function leave(zone: Zone, { service, namespace }: Adoption, found: string): Promise<void> {
  await zone.ports.records.change('admission', namespace, service, (text) => {
    const known = parsed<Admission>(text);
    if (known === undefined || known.planDigest !== found || known.endedAt !== undefined) return undefined;
    return JSON.stringify({ ...known, endedAt: zone.now().toISOString() } satisfies Admission);
  });
}

/** Let in, not ended, and not known to be over. An adoption whose worker died has changed nothing but what is remembered. */
function isOpen(service: string, known: Admission, over: string | undefined): boolean {
  return insideOf(service, known).some(({ runId }) => runId !== over) && !isOfAdoption(known);
}

/** As the server says it: a request can claim to come from any workflow. */
function caller(): Pick<Admission, 'workflowId' | 'runId'> {
  const { workflowExecution } = activityInfo();
  return { workflowId: workflowExecution?.workflowId ?? '', runId: workflowExecution?.runId ?? '' };
}

function placeOf({ rulebook, environment }: Pick<Zone, 'rulebook' | 'environment'>, service: string): string {
  const rules = rulebook.services[service];
  if (rules === undefined) throw new Error(`${service} was known a moment ago`);
  return namespaceOf(rules, environment);
}

function refused(request: AdoptRequest, refusal: Refusal, report: AdoptionReport): AdoptAnswer {
  const { environment, service, version, word } = request;
  audit(
    { environment, plan: { environment, service, version }, planDigest: word.found, statement: word.statement },
    refusal,
  );
  return { ok: false, refusal, report };
}

function blocked({ service, environment, points }: AdoptionReport): Refusal {
  const missing = points.filter(({ blocks }) => blocks).map(({ message }) => message);
  return {
    code: 'adoption-blocked',
    message: `${service} in ${environment} cannot be adopted yet: ${missing.join('; ')}`,
    remedy: `mend what is missing, then look again: "sluice adopt ${service} --environment ${environment}"`,
  };
}

function changed(expected: string, got: string): Refusal {
  const message = 'something else is found now than what was looked at';
  return { code: 'adoption-changed', message, expected, got, remedy: 'look again, and adopt what is found then' };
}

function managedMeanwhile({ service, version, workflowId }: PromotionRecord): Refusal {
  return {
    code: 'adoption-changed',
    message: `${workflowId} has brought ${service} ${version} there meanwhile: it is managed`,
    remedy: `release the next version with "sluice start ${service} …"`,
  };
}

function underWay({ workflowId }: Admission): Refusal {
  const message = `${workflowId} was let in meanwhile, and is under way`;
  return {
    code: 'adoption-changed',
    message,
    remedy: 'let it end: then the service is managed; or abort it, and look again',
  };
}

function spentBefore(known: Admission | undefined, statements: readonly SpentStatement[]): Refusal | undefined {
  const spent = spentAmong(known ?? {}, statements);
  if (spent === undefined) return undefined;
  return {
    code: 'approval-replayed',
    message: `statement ${spent.jti}, signed at ${spent.signedAt}, has been used here before; a statement counts once`,
    remedy: 'look again, and sign what is found then',
  };
}
