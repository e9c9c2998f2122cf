/** The written form of notifications: who is told what, in which form. Secrets are named, never written. */
import { z } from 'zod';
import { EVENTS } from '../domain/notification.ts';
import { NOTIFICATION } from './defaults.ts';
import { writtenSecret } from './written-secret.ts';

const text = (what: string) => z.string().min(1).max(2_000).describe(what);
const names = (what: string) => z.array(z.string().min(1)).min(1).describe(what);

export const writtenNotification = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
    .describe('How people and commands call this receiver.'),
  url: text('Address that is no secret: https, without credentials.').optional(),
  urlFrom: writtenSecret
    .describe('Where the address is kept when whoever knows it may write (Slack, Teams).')
    .optional(),
  format: z
    .enum(['cloudevents', 'slack', 'teams'])
    .describe(`CloudEvents 1.0, a message for Slack, or a card for a Teams workflow (default ${NOTIFICATION.format}).`)
    .optional(),
  secretFrom: writtenSecret
    .describe(
      'Where the secret is kept that signs CloudEvents (Standard Webhooks: whsec_…, several while it is changed).',
    )
    .optional(),
  environments: names(
    'Only promotions into these, and nothing of the release itself (default: everything).',
  ).optional(),
  services: names('Only releases of these (default: all).').optional(),
  on: z.array(z.enum(EVENTS)).min(1).describe('Only these events (default: all).').optional(),
});

export type WrittenNotification = z.infer<typeof writtenNotification>;
