/** What is told of releases, and whoever receives it: scripted zones, and the engine's own activity with real requests. */
import { afterEach } from 'node:test';
import { Worker } from '@temporalio/worker';
import { createEngineActivities } from '../../../../activities/index.ts';
import { createWebhookNotifier } from '../../../../src/adapters/notifier/webhook/create-webhook-notifier.ts';
import type { EventData, Interest, SluiceEvent } from '../../../../src/domain/notification.ts';
import { YES } from '../../../support/answers.ts';
import type { Engine } from '../../../support/engine.ts';
import { type Answers, type Inbox, openInbox } from '../../../support/events.ts';
import { aVersion, type Release } from '../../../support/releases.ts';
import { type Script, type ScriptOptions, scriptedActivities } from '../../../support/scripted-activities.ts';

export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
export const OPS: Interest = { receiver: 'ops' };

interface Given {
  /** Address by receiver. */
  readonly at: Readonly<Record<string, string>>;
  readonly script?: Script;
  readonly options?: ScriptOptions;
}

export interface Telling {
  /** Closed after the test. */
  readonly anInbox: (answers?: Answers) => Promise<Inbox>;
  readonly during: (given: Given, work: (version: string) => Promise<void>) => Promise<void>;
  /** What ran once replays: ids of events are the same each time. */
  readonly replays: (release: Release, ...others: readonly string[]) => Promise<void>;
}

/** For the suite in which this is called. */
export function tellingOf(engine: Engine): Telling {
  const inboxes: Inbox[] = [];
  afterEach(() => Promise.all(inboxes.splice(0).map((one) => one.close())));
  /** Versions of tests that have ended: what was still on its way then is nothing for the next one's receivers. */
  const told = new Set<string>();
  return {
    async anInbox(answers) {
      const inbox = await openInbox(answers);
      inboxes.push(inbox);
      return inbox;
    },
    async during(given, work) {
      const receivers = Object.entries(given.at).map(([name, url]) => ({
        name,
        format: 'cloudevents' as const,
        address: { kind: 'url' as const, url },
        secret: { kind: 'variable' as const, name: 'SECRET' },
      }));
      const notifier = createWebhookNotifier(receivers, { readSecret: () => SECRET });
      const { notify } = createEngineActivities({} as never, notifier);
      const options: ScriptOptions = { path: ['dev', 'production'], notify: [OPS], ...given.options };
      const own: typeof notify = (request) =>
        told.has(request.event.data.version ?? '') ? Promise.resolve(YES) : notify(request);
      const { activities } = scriptedActivities({ ...given.script, notify: own }, options);
      const version = aVersion();
      const environments = [...new Set(['dev', 'production', ...(options.path ?? [])])];
      await engine.during(activities, () => work(version), environments).finally(() => told.add(version));
    },
    async replays(release, ...others) {
      for (const id of [release.workflowId, ...others]) {
        const history = await engine.env.client.workflow.getHandle(id).fetchHistory();
        await Worker.runReplayHistory({ workflowBundle: engine.bundle }, history, id);
      }
    },
  };
}

export function eventsOf({ received }: Inbox): SluiceEvent[] {
  return received.map(({ body }) => JSON.parse(body) as SluiceEvent);
}

/** In the order in which they happened, whatever the order of their arrival. */
export function storyOf(inbox: Inbox): string[] {
  return eventsOf(inbox)
    .toSorted((a, b) => Number(a.id.split('-').at(-2)) - Number(b.id.split('-').at(-2)))
    .map(({ data }) => `${data.environment ?? 'release'} ${data.event}`);
}

/** Of a story what is told of that environment. */
export function of(environment: string, story: readonly string[]): string[] {
  return story.filter((one) => one.startsWith(`${environment} `)).map((one) => one.slice(environment.length + 1));
}

export async function arrived(inbox: Inbox, count: number): Promise<void> {
  while (inbox.received.length < count) await new Promise((resolve) => setImmediate(resolve));
}

/** The first such event, once it has arrived. */
export async function heard(inbox: Inbox, is: (data: EventData) => boolean): Promise<SluiceEvent> {
  for (;;) {
    const event = eventsOf(inbox).find(({ data }) => is(data));
    if (event !== undefined) return event;
    await arrived(inbox, inbox.received.length + 1);
  }
}
