/** Telling by HTTPS: a CloudEvent that is signed, a message for Slack, or a card for a workflow of Teams. */
import { signedHeaders, signingKeys, SECRET_FORM } from '../../../content/webhook-signature.ts';
import type { SluiceEvent } from '../../../domain/notification.ts';
import { isPrivateAddress } from '../../../domain/web-address.ts';
import type { Notifier } from '../../../ports/notifier.ts';
import { PortError } from '../../../ports/port-error.ts';
import { post } from './post.ts';
import { slackMessage } from './slack.ts';
import { teamsCard } from './teams.ts';

export interface Receiver<Reference> {
  readonly name: string;
  readonly format: 'cloudevents' | 'slack' | 'teams';
  readonly address: { readonly kind: 'url'; readonly url: string } | Reference;
  readonly secret?: Reference;
}

export interface WebhookOptions<Reference> {
  /** Asked for each delivery, so that a changed secret counts at once; undefined: there is none. */
  readonly readSecret: (reference: Reference) => string | undefined;
  /** One attempt's limit; 10 s unless given. */
  readonly timeoutMs?: number;
  readonly now?: () => Date;
}

const TIMEOUT_MS = 10_000;

export function createWebhookNotifier<Reference extends { readonly kind: 'variable' | 'file' }>(
  receivers: readonly Receiver<Reference>[],
  { readSecret, timeoutMs = TIMEOUT_MS, now = () => new Date() }: WebhookOptions<Reference>,
): Notifier {
  function addressOf({ name, address }: Receiver<Reference>): string {
    const url = address.kind === 'url' ? address.url : readSecret(address);
    if (url === undefined) throw misconfigured(`the address of ${name} is missing`, `what "urlFrom" names`);
    if (!isPrivateAddress(url)) throw misconfigured(`the address of ${name} is not https`, 'an https:// address');
    return url;
  }

  function signatureOf(
    { name, secret }: Receiver<Reference>,
    id: string,
    body: string,
  ): Readonly<Record<string, string>> {
    if (secret === undefined) return {};
    const text = readSecret(secret);
    if (text === undefined) throw misconfigured(`the secret of ${name} is missing`, `what "secretFrom" names`);
    const keys = signingKeys(text);
    if (keys === undefined) throw misconfigured(`the secret of ${name} has another form`, SECRET_FORM);
    return signedHeaders({ id, timestamp: Math.floor(now().getTime() / 1_000), body }, keys);
  }

  return {
    async tell(name, event) {
      const receiver = receivers.find((one) => one.name === name);
      if (receiver === undefined) throw unknown(name);
      const { type, body } = requestOf(receiver.format, event);
      const headers = { 'content-type': type, ...signatureOf(receiver, event.id, body) };
      return post({ name, url: addressOf(receiver), headers, body, timeoutMs, now });
    },
  };
}

function requestOf(
  format: Receiver<never>['format'],
  event: SluiceEvent,
): { readonly type: string; readonly body: string } {
  const json = 'application/json; charset=utf-8';
  if (format === 'slack') return { type: json, body: JSON.stringify(slackMessage(event)) };
  if (format === 'teams') return { type: json, body: JSON.stringify(teamsCard(event)) };
  return { type: 'application/cloudevents+json; charset=utf-8', body: JSON.stringify(event) };
}

/** Tried again all the same: a missing file may be there in a minute. */
function misconfigured(message: string, expected: string): PortError {
  const remedy = 'give the worker what "notifications" names';
  return new PortError('notification-misconfigured', message, { retry: 'yes', expected, remedy });
}

function unknown(name: string): PortError {
  return new PortError('notification-misconfigured', `this worker knows no receiver ${name}`, {
    retry: 'no',
    remedy: 'its sluice.yaml is another one than that of the release, or the receiver has been taken out since',
  });
}
