/** Asking by HTTPS: one signed POST (Standard Webhooks), a second one when nobody answered. Only the agreed answer is one. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { SECRET_FORM, signedHeaders, signingKeys } from '../../../content/webhook-signature.ts';
import type { ExternalAnswer, GateFacts } from '../../../domain/gate.ts';
import { plainText } from '../../../domain/plain-text.ts';
import { isPrivateAddress } from '../../../domain/web-address.ts';
import type { ExternalChecks } from '../../../ports/external-checks.ts';
import { NoAnswer, post } from './post.ts';

export interface Check<Reference> {
  readonly gate: string;
  readonly url: string;
  readonly secret: Reference;
  /** One attempt's limit. */
  readonly timeoutMs: number;
}

export interface HttpsChecksOptions<Reference> {
  /** Asked for each question, so that a changed secret counts at once; undefined: there is none. */
  readonly readSecret: (reference: Reference) => string | undefined;
  /** Time between the two attempts; 1 s unless given. */
  readonly pauseMs?: number;
  readonly now?: () => Date;
}

const PAUSE_MS = 1_000;

/** It is shown in terminals and browsers, and stays in history. */
const LONGEST_REASON = 500;

/** Whatever else it says is for later versions. */
const ANSWER = z.object({
  answer: z.enum(['yes', 'no', 'wait']),
  reason: z.string().trim().min(1),
  until: z.iso.datetime({ offset: true }).optional(),
});

export function createHttpsChecks<Reference>(
  checks: readonly Check<Reference>[],
  { readSecret, pauseMs = PAUSE_MS, now = () => new Date() }: HttpsChecksOptions<Reference>,
): ExternalChecks {
  async function askOnce(check: Check<Reference>, keys: readonly Uint8Array[], facts: GateFacts): Promise<unknown> {
    const body = JSON.stringify(questionOf(check.gate, facts));
    const timestamp = Math.floor(now().getTime() / 1_000);
    const headers = signedHeaders({ id: `check-${randomUUID()}`, timestamp, body }, keys);
    return post({ url: check.url, headers, body, timeoutMs: check.timeoutMs });
  }

  async function askTwice(check: Check<Reference>, keys: readonly Uint8Array[], facts: GateFacts): Promise<unknown> {
    try {
      return await askOnce(check, keys, facts);
    } catch (error) {
      if (!(error instanceof NoAnswer) || !error.again) throw error;
      await pause(pauseMs);
      return askOnce(check, keys, facts);
    }
  }

  return {
    async ask(gate, facts) {
      const unknown = (reason: string): ExternalAnswer => ({ gate, answer: 'unknown', reason });
      const check = checks.find((one) => one.gate === gate);
      if (check === undefined) return unknown('this worker does not know whom to ask');
      if (!isPrivateAddress(check.url)) return unknown('its address is not https');
      const secret = readSecret(check.secret);
      if (secret === undefined) return unknown('the secret that signs the question is missing');
      const keys = signingKeys(secret);
      if (keys === undefined) return unknown(`the secret that signs the question is not ${SECRET_FORM}`);
      try {
        return answerOf(gate, await askTwice(check, keys, facts));
      } catch (error) {
        if (error instanceof NoAnswer) return unknown(error.message);
        throw error;
      }
    },
  };
}

/** What is asked about: additive only. */
function questionOf(
  gate: string,
  { overrides: _, external: __, restraints: ___, soaked: ____, ...facts }: GateFacts,
): object {
  return { type: 'urn:x-sluice:check:v1', gate, ...facts };
}

function answerOf(gate: string, said: unknown): ExternalAnswer {
  const parsed = ANSWER.safeParse(said);
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.') || 'all of it'))].join(', ');
    return { gate, answer: 'unknown', reason: `its answer is not {answer, reason, until?}: look at ${fields}` };
  }
  const { answer, until } = parsed.data;
  const reason = plainText(parsed.data.reason, LONGEST_REASON);
  return { gate, answer, reason, ...(answer === 'wait' && until !== undefined ? { until } : {}) };
}
