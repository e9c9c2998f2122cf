/**
 * Whether those who hold a lease are still there: a promotion that was terminated gives nothing back by itself. The server is asked, not
 * the holder: a workflow can be sent ten thousand signals in its life, and one that is waited for for weeks would use them up.
 */
import { handBack } from '../../src/domain/turns.ts';
import { whoHasEnded } from '../steps/still-there.ts';
import { type Desk, stir } from './desk.ts';

/** Somebody waits for these services; asked one after the other, and together where many come at once. Never waited for. */
export function lookForHolders(desk: Desk, services: Iterable<string>): void {
  for (const service of services) desk.lookedFor.add(service);
  if (!desk.isLooking) void look(desk);
}

/** A lease whose holder is gone, and a place in the queue, go back. */
export function forget(desk: Desk, runId: string): void {
  desk.turns = handBack(desk.turns, runId);
  desk.told.delete(runId);
  stir(desk);
}

async function look(desk: Desk): Promise<void> {
  desk.isLooking = true;
  desk.telling += 1;
  while (desk.lookedFor.size > 0) {
    const holders = desk.turns.held.filter((one) => desk.lookedFor.has(one.service));
    desk.lookedFor.clear();
    // whom the server cannot tell of now it is asked about again in a minute
    const ended = await whoHasEnded(holders).catch((): readonly string[] => []);
    for (const runId of ended) forget(desk, runId);
  }
  desk.telling -= 1;
  desk.isLooking = false;
  stir(desk);
}
