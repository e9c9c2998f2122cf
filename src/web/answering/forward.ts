/** An answer from the page, handed on as it is: signed by the person's own key, which this server never sees. */
import { type GivenAnswer, type GivenOverride, ReleaseEngineError, type Signer } from '../../client/index.ts';
import type { Decision } from '../../domain/approval.ts';
import type { Answering, Forwarder } from './answering.ts';

export interface SentAnswer {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  readonly plan: string;
  readonly decision: Decision;
  readonly approver: string;
  readonly reason?: string;
  readonly overrides?: readonly string[];
  readonly statement?: string;
}

/** Throws what the client does, and `approval-malformed` or `approval-unproven` for what is not even handed on. */
export async function forwardAnswer(
  fields: Readonly<Record<string, unknown>>,
  answering: Answering,
  forwarder: () => Promise<Forwarder>,
): Promise<GivenAnswer> {
  const { decision, statement, ...request } = readAnswer(fields);
  mustBeProven(statement, answering);
  const client = await forwarder();
  return client[decision]({ ...request, ...signerOf(request.approver, statement) });
}

/** A yes that lets the promotion pass closed gates, wherever it waits. Throws as {@link forwardAnswer}. */
export async function forwardOverride(
  fields: Readonly<Record<string, unknown>>,
  answering: Answering,
  forwarder: () => Promise<Forwarder>,
): Promise<GivenOverride> {
  const { decision, statement, overrides = [], reason, ...request } = readAnswer(fields);
  if (decision !== 'approve') throw malformed('decision');
  if (overrides.length === 0) throw malformed('overrides');
  if (reason === undefined) throw malformed('reason');
  mustBeProven(statement, answering);
  const client = await forwarder();
  return client.override({ ...request, gates: overrides, reason, ...signerOf(request.approver, statement) });
}

function mustBeProven(statement: string | undefined, answering: Answering): void {
  if (answering.kind === 'none') {
    throw new ReleaseEngineError('command-not-possible', 'this server only shows', {
      remedy: 'answer with the command that the page shows',
    });
  }
  if (answering.kind === 'proven' && statement === undefined) {
    throw new ReleaseEngineError('approval-unproven', 'the answer is not signed, and no name is taken on trust here', {
      remedy: 'choose your key or sign in, and answer again',
    });
  }
}

function signerOf(approver: string, statement: string | undefined): { readonly signer?: Signer } {
  return statement === undefined ? {} : { signer: signedElsewhere(approver, statement) };
}

/** Signs nothing: the statement comes from the person's browser, and whether it says the same is found out in the zone. */
function signedElsewhere(subject: string, statement: string): Signer {
  return { subject, sign: () => Promise.resolve(statement) };
}

function readAnswer(fields: Readonly<Record<string, unknown>>): SentAnswer {
  const { decision, reason, overrides, statement } = fields;
  if (decision !== 'approve' && decision !== 'reject') throw malformed('decision');
  return {
    service: textOf(fields, 'service'),
    version: textOf(fields, 'version'),
    environment: textOf(fields, 'environment'),
    plan: textOf(fields, 'plan'),
    approver: textOf(fields, 'approver'),
    decision,
    ...(reason === undefined ? {} : { reason: textOf(fields, 'reason') }),
    ...(overrides === undefined ? {} : { overrides: textsOf(overrides) }),
    ...(statement === undefined ? {} : { statement: textOf(fields, 'statement') }),
  };
}

function textOf(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value.trim() === '') throw malformed(name);
  return value;
}

function textsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) throw malformed('overrides');
  return value as readonly string[];
}

function malformed(field: string): ReleaseEngineError {
  return new ReleaseEngineError('approval-malformed', `the answer has no good "${field}"`, {
    remedy: 'reload the page and answer again',
  });
}
