/** What a listed release leaves to its promotion to say, and the other way round: one more look each, for one page. */
import { PROMOTION } from '../contract/promotion-workflow.ts';
import { RELEASE } from '../contract/release-workflow.ts';
import { VERSION, WAITING_FOR } from '../contract/search-attributes.ts';
import { isVersion } from '../domain/names.ts';
import type { ListedRelease } from './listed-release.ts';

type Look = (query: string, atMost: number) => Promise<readonly ListedRelease[]>;

/** Several services may have the same version at the same time; a server full of them leaves some unsaid. */
const MOST = 1_000;

/** What a release waits for its promotion knows; who asked for it the release says for all of its promotions. */
export async function together(rows: readonly ListedRelease[], look: Look): Promise<readonly ListedRelease[]> {
  // whoever asked is remembered with releases and roll-backs: what has nobody is a promotion of a release
  const nobodys = rows.filter((one) => one.requestedBy === undefined);
  const quiet = rows.filter((one) => one.running && one.waitingFor === undefined && !nobodys.includes(one));
  const isWaiting = `WorkflowType = '${PROMOTION}' AND ExecutionStatus = 'Running' AND ${WAITING_FOR.name} IS NOT NULL`;
  const [waiting, releases] = await Promise.all([
    lookFor(quiet, isWaiting, look),
    lookFor(nobodys, `WorkflowType = '${RELEASE}'`, look),
  ]);
  const waits = byName(waiting.filter((one) => one.rollback !== true));
  const asked = byName(releases);
  return rows.map((one) => {
    const waitingFor = quiet.includes(one) ? waits.get(nameOf(one))?.waitingFor : undefined;
    const requestedBy = nobodys.includes(one) ? asked.get(nameOf(one))?.requestedBy : undefined;
    return {
      ...one,
      ...(waitingFor === undefined ? {} : { waitingFor }),
      ...(requestedBy === undefined ? {} : { requestedBy }),
    };
  });
}

/** Whoever may write to the namespace may write any text there: only what is a version gets into a query. */
function lookFor(rows: readonly ListedRelease[], query: string, look: Look): Promise<readonly ListedRelease[]> {
  const versions = [...new Set(rows.map(({ version = '' }) => version).filter(isVersion))];
  if (versions.length === 0) return Promise.resolve([]);
  return look(`${query} AND ${VERSION.name} IN (${versions.map((one) => `'${one}'`).join(', ')})`, MOST);
}

function byName(rows: readonly ListedRelease[]): ReadonlyMap<string, ListedRelease> {
  return new Map(rows.map((one) => [nameOf(one), one]));
}

function nameOf({ service, version = '' }: ListedRelease): string {
  return `${service} ${version}`;
}
