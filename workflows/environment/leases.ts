/** Giving leases: one promotion of a service at a time, in the order of `src/domain/turns.ts`. */
import { setHandler } from '@temporalio/workflow';
import {
  type LeaseReply,
  type LeaseReturn,
  requestLeaseSignal,
  requestLeaseUpdate,
  returnLeaseSignal,
  type TurnSaid,
  turnSignal,
} from '../../src/contract/environment-workflow.ts';
import { isLeaseReturn } from '../../src/contract/signal-shapes.ts';
import { describeRestraint, type Restraint, restraintsOn } from '../../src/domain/restraint.ts';
import {
  ask,
  giveTurns,
  handBack,
  isKnown,
  isLeaseRequest,
  type Lease,
  type LeaseRequest,
  servicesWaitedFor,
  superseded,
  waitingFor,
} from '../../src/domain/turns.ts';
import { unreadLine, unreadOf } from '../../src/domain/unread.ts';
import { HOLDERS_AGAIN_MS } from '../steps/activity-options.ts';
import { failureOf } from '../steps/trouble.ts';
import { type Desk, isBeingAsked, isBeingWritten, stir } from './desk.ts';
import { lookForHolders } from './holders.ts';
import { tell } from './tell.ts';

/** How many of a service's queue are told each change of their place; who is further back learns it when it comes nearer. */
const TOLD = 10;

export function listenForLeases(desk: Desk): void {
  // nobody hears a "no" to a signal, and one that makes no sense must not keep the desk from its work
  setHandler(requestLeaseSignal, (request: LeaseRequest) => {
    if (!isLeaseRequest(request)) return;
    tellAgain(desk, request.runId);
    enqueue(desk, request);
  });
  setHandler(requestLeaseUpdate, (request: LeaseRequest) => answerAtOnce(desk, request), {
    validator: (request) => {
      if (!isLeaseRequest(request)) throw failureOf({ code: 'input-invalid', message: 'no request for a lease' });
    },
  });
  setHandler(returnLeaseSignal, (back: unknown) => {
    if (!isLeaseReturn(back)) return;
    takeBack(desk, back);
    stir(desk);
  });
}

/** Drops who waits in vain, gives what is free to who is next, and tells the others where they stand. */
export function giveLeases(desk: Desk): void {
  for (const { request, by, newer } of superseded(desk.turns, desk.running)) {
    desk.turns = handBack(desk.turns, request.runId);
    tellTurn(desk, request, { kind: 'superseded', by, newer });
  }
  const { turns, given } = giveTurns(desk.turns, Date.now(), (request) => keptOutBy(desk, request) === undefined);
  desk.turns = turns;
  for (const lease of given) tellGiven(desk, lease);
  if (desk.turns.queue.length === 0 || isBeingAsked(desk)) return;
  tellPlaces(desk);
  if (Date.now() < desk.lookedMs + HOLDERS_AGAIN_MS) return;
  desk.lookedMs = Date.now();
  lookForHolders(desk, servicesWaitedFor(desk.turns));
}

function enqueue(desk: Desk, request: LeaseRequest): void {
  desk.turns = ask(desk.turns, request);
  lookForHolders(desk, [request.service]);
  stir(desk);
}

function leaseOf({ turns }: Desk, runId: string): Lease | undefined {
  return turns.held.find((one) => one.runId === runId);
}

/**
 * Who hears it as the answer is not told it by a message as well; unless it has asked before: then this is an asking whose answer came
 * too late, or was never heard, and it waits for the message.
 */
function answerAtOnce(desk: Desk, request: LeaseRequest): LeaseReply {
  const { runId } = request;
  const isFirst = !isKnown(desk.turns, runId);
  enqueue(desk, request);
  if (isFirst) desk.told.set(runId, 'given');
  giveLeases(desk);
  const lease = leaseOf(desk, runId);
  if (lease !== undefined) return { given: numbered(desk, givenBy(lease)) };
  if (isFirst && desk.told.get(runId) === 'given') desk.told.delete(runId);
  return {};
}

function givenBy({ fence, nth }: Lease): TurnSaid & { readonly kind: 'given' } {
  return { kind: 'given', fence, ...(nth === undefined ? {} : { nth }) };
}

function tellGiven(desk: Desk, lease: Lease): void {
  tellTurn(desk, lease, givenBy(lease));
}

/** Who asks again has not heard that it holds the lease. */
export function tellAgain(desk: Desk, runId: string): void {
  const lease = leaseOf(desk, runId);
  if (lease === undefined) return;
  desk.told.delete(runId);
  tellGiven(desk, lease);
}

function takeBack(desk: Desk, { runId, running }: LeaseReturn): void {
  const lease = leaseOf(desk, runId);
  desk.turns = handBack(desk.turns, runId);
  desk.told.delete(runId);
  if (desk.unread !== undefined) desk.gone.add(runId);
  if (lease !== undefined) {
    const heldMs = Date.now() - Date.parse(lease.since);
    desk.typicalMs = desk.typicalMs === undefined ? heldMs : Math.round(0.8 * desk.typicalMs + 0.2 * heldMs);
  }
  if (running === undefined) return;
  const { service, ...here } = running;
  desk.running = { ...desk.running, [service]: here };
}

/** In words; undefined: it may go. Who is let go before the zone knows of a thaw finds the zone still closed, and waits there. */
function keptOutBy(desk: Desk, request: LeaseRequest): string | undefined {
  const unread = unreadOf(desk.unread, request.service);
  if (unread !== undefined) return unreadLine(desk.environment, unread);
  const restraint = restraintOf(desk, request);
  if (restraint !== undefined) return describeRestraint(restraint);
  return isBeingWritten(desk) ? `${desk.environment} is writing down what restrains it` : undefined;
}

/** The first restraint that keeps this request out now; undefined: none. */
function restraintOf(desk: Desk, { service, passes }: LeaseRequest): Restraint | undefined {
  return restraintsOn(desk.restraints, service, Date.now()).find((one) => !passes.includes(one.kind));
}

function tellPlaces(desk: Desk): void {
  for (const service of new Set(desk.turns.queue.map((one) => one.service))) {
    const holder = desk.turns.held.find((one) => one.service === service);
    const line = waitingFor(desk.turns, service);
    for (const [index, request] of line.slice(0, TOLD).entries()) {
      const before = index === 0 ? holder?.version : line[index - 1]?.version;
      const restraint = restraintOf(desk, request);
      tellTurn(desk, request, {
        kind: 'waiting',
        position: index + 1,
        reason: keptOutBy(desk, request) ?? `${before ?? 'another release'} of ${service} goes first`,
        ...(restraint === undefined || request.hearsRestraints === undefined ? {} : { restraint }),
        ...expected(desk, holder?.since, index),
      });
    }
  }
}

function expected(desk: Desk, since: string | undefined, index: number): { readonly expectedAt?: string } {
  if (desk.typicalMs === undefined || since === undefined) return {};
  // a holder that takes longer than others did is waited for for nobody knows how long
  const overMs = Date.parse(since) + desk.typicalMs;
  if (overMs <= Date.now()) return {};
  const atMs = overMs + index * desk.typicalMs;
  return { expectedAt: new Date(atMs).toISOString() };
}

function tellTurn(desk: Desk, request: LeaseRequest, turn: TurnSaid): void {
  const news = newsOf(turn);
  if (desk.told.get(request.runId) === news) return;
  desk.told.set(request.runId, news);
  tell(desk, request, turnSignal, numbered(desk, turn));
}

function numbered<Said extends TurnSaid>(desk: Desk, turn: Said): Said & { readonly word: number } {
  desk.word += 1;
  return { ...turn, word: desk.word };
}

/** Expected times move all the while: only another place, another reason, or another end of it is news. */
function newsOf(turn: TurnSaid): string {
  if (turn.kind !== 'waiting') return turn.kind;
  const { position, reason, restraint } = turn;
  return [position, reason, ...(restraint?.until === undefined ? [] : [restraint.until])].join(' ');
}
