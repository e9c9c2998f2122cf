/** While version 1 is on its way somebody stops staging: it waits there, says why, and goes on when they lift it. */
import { effectsAbout } from './facts.ts';
import { type Following, type Scene, type } from './journey.ts';

export interface OnItsWay {
  readonly version: string;
  readonly digest: string;
  /** Who has started it. */
  readonly requester: string;
}

const REASON = 'errors everywhere';
const INCIDENT = 'INC-4711';
const THAW = 'sluice thaw --environment staging';

export async function stopAndThaw(scene: Scene, following: Following, release: OnItsWay): Promise<void> {
  const { stack, stage } = scene;
  const { version, digest, requester } = release;
  const scope = ['--environment', 'staging'];
  const why = ['--reason', REASON, '--incident', INCIDENT, '--for', '10m'];
  const stopped = await type(scene, 'margaret', ['stop', ...scope, ...why]);
  stage.expect('staging is stopped for ten minutes', stopped.code === 0, stopped.stderr);

  await following.until((event) => event.kind === 'waiting' && event.environment === 'staging');
  // Usually nothing yet; a release that was quicker than the stop has paused at its next safe point.
  const changes = () => effectsAbout(stack, 'staging', digest).length;
  const before = changes();
  const status = await type(scene, requester, ['status', 'iam', version]);
  const told = aboutWaiting(status.stdout);
  for (const line of told) stage.note(`  ${line}`);
  const shown = told.join('\n');
  const facts = { who: 'margaret', why: REASON, incident: INCIDENT, end: 'until', command: THAW };
  const missing = Object.entries(facts).filter(([, text]) => !shown.includes(text));
  stage.expect('the status says who, why, until when, and what to type', missing.length === 0, missing.join('; '));
  const again = await type(scene, requester, ['start', 'iam', version, '--json']);
  stage.expect(
    'starting it again starts nothing',
    again.code === 0 && !again.stdout.includes('"how":"started"'),
    again.stdout,
  );
  stage.expect('meanwhile nothing changes in staging', changes() === before, changes() - before);

  const thawed = await type(scene, 'margaret', ['thaw', ...scope, '--reason', 'it was the load balancer']);
  stage.expect('the stop is lifted before its end', thawed.code === 0, thawed.stderr);
}

/** The part of `sluice status` that says what it waits for, and the commands below. */
function aboutWaiting(status: string): readonly string[] {
  const lines = status.split('\n').map((line) => line.trim());
  const first = lines.findIndex((line) => line.startsWith('waits '));
  if (first === -1) return [];
  const commands = lines.slice(first + 1).filter((line) => line.startsWith('sluice '));
  return [lines[first] ?? '', ...commands];
}
