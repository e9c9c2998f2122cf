/**
 * Looks after one service in one environment for as long as something runs there: whether everything is still as the last promotion left
 * it. An activity looks round after round and comes back only with news; until then nothing happens here.
 */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type CheckAnswer,
  type CheckCommand,
  checkUpdate,
  type GuardianInput,
  guardianQuery,
  guardSignal,
  type LookAnswer,
  type LookRequest,
  lookSignal,
} from '../src/contract/guardian-workflow.ts';
import { isGuarded } from '../src/contract/signal-shapes.ts';
import { faultOfText, LONGEST_NAME } from '../src/domain/said.ts';
import { CHECK_FOR_MS, eyes } from './steps/activity-options.ts';
import { failureOf, refusalFrom } from './steps/trouble.ts';
import { askFor, type Guard, isAsked, nextOf, openGuard, stateOf, statusOf, stir } from './guardian/guard.ts';
import { heed } from './guardian/heed.ts';
import { nobodyLooked } from './guardian/nobody.ts';
import { show } from './guardian/show.ts';

/** A run is read again by a worker that does not remember it, as most workers do not where there are a thousand: so it is short. */
const RUN_LENGTH = 400;
/** A run that begins anew before it has done anything would do so for ever. */
const SHORTEST_RUN = 50;

export async function guardian(input: GuardianInput): Promise<void> {
  const guard = openGuard(input);
  setHandler(guardianQuery, () => statusOf(guard));
  setHandler(guardSignal, (said: unknown) => {
    if (isGuarded(said)) takeOver(guard, said);
    // also where it made no sense: no task that was given something to read ends without a command (ADR 0039)
    show(guard);
    stir(guard);
  });
  let calledAt = 0;
  setHandler(lookSignal, () => {
    askFor(guard);
    // of many that are read together one command is enough
    const { historyLength } = workflowInfo();
    if (historyLength !== calledAt) show(guard);
    calledAt = historyLength;
  });
  setHandler(checkUpdate, () => check(guard), { validator: (command) => refuseOddCheck(guard, command) });
  show(guard);

  while (!guard.isOver && !isLong(guard, input.runLength)) {
    const answer = await look(guard);
    if (answer !== undefined) await heed(guard, answer);
  }
  if (!allHandlersFinished())
    await condition(allHandlersFinished, CHECK_FOR_MS, { summary: 'lets everybody be answered' });
  if (!guard.isOver) await continueAsNew<typeof guardian>({ ...input, state: stateOf(guard), next: nextOf(guard) });
}

/** What is wrong stays known until a look says otherwise: it may have come with the new version. */
function takeOver(guard: Guard, said: NonNullable<Guard['guarded']>): void {
  guard.guarded = said;
  guard.first = guard.findings.length === 0 && !guard.isOwed ? 'part' : 'now';
  guard.isOwed = false;
}

/** Undefined: somebody has said something meanwhile, and it is looked anew. */
async function look(guard: Guard): Promise<LookAnswer | undefined> {
  const { environment, service, guarded, findings: known, first, suspected, asked } = guard;
  const answers = isAsked(guard);
  const request: LookRequest = {
    ...{ environment, service, known, first: answers ? 'now' : first },
    ...(guarded === undefined ? {} : { guarded }),
    ...(suspected === undefined ? {} : { suspected }),
    ...(answers ? { answer: true } : {}),
  };
  const scope = new CancellationScope();
  guard.interrupt = () => scope.cancel();
  guard.isStirred = false;
  guard.isAnswering = answers;
  const summary = `looks after ${service} in ${environment}`;
  try {
    const answer = await scope.run(() => eyes(environment).lookAfter.executeWithOptions({ summary }, [request]));
    guard.answered = answers ? asked : guard.answered;
    guard.isOwed = answer.kind === 'away';
    guard.isHeeded = false;
    return answer;
  } catch (error) {
    // also where the worker died while it was told to stop: then nobody was asked to look any more
    if (guard.isStirred) return undefined;
    if (isCancellation(error)) throw error;
    return nobodyLooked(guard, refusalFrom(error));
  } finally {
    guard.interrupt = undefined;
    guard.isAnswering = false;
  }
}

/** What is asked now is answered by the next look. */
async function check(guard: Guard): Promise<CheckAnswer> {
  const mine = askFor(guard);
  const isAnswered = (): boolean => guard.answered >= mine && guard.isHeeded;
  await condition(() => isAnswered() || guard.isOver, CHECK_FOR_MS, { summary: 'somebody asks' });
  if (guard.isOver || !isAnswered()) throw failureOf(unanswered(guard));
  return { message: guard.said, status: statusOf(guard), seen: guard.seen };
}

function unanswered({ environment, isOver, said }: Guard): Parameters<typeof failureOf>[0] {
  if (isOver) return { code: 'command-not-possible', message: said };
  return {
    code: 'worker-missing',
    message: `nobody in ${environment} has looked in time`,
    remedy: `see that a worker of ${environment} runs ("sluice worker --environments ${environment}"), then ask again`,
  };
}

function refuseOddCheck({ goesBack, service, environment }: Guard, command: CheckCommand): void {
  const fault = faultOfText('by', command?.by, LONGEST_NAME);
  if (fault !== undefined) throw failureOf({ code: 'input-invalid', ...fault });
  if (!goesBack) return;
  const message = `${service} goes back in ${environment}: nothing is looked at until that has ended`;
  throw failureOf({ code: 'command-not-possible', message });
}

/** Whoever has asked is answered by this run, unless they ask faster than anybody can look. */
function isLong(guard: Guard, runLength = RUN_LENGTH): boolean {
  const length = Math.max(runLength, SHORTEST_RUN);
  return workflowInfo().historyLength > (isAsked(guard) ? 2 * length : length);
}
