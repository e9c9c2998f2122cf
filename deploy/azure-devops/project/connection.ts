/**
 * The wire, through azure-devops-node-api: its handlers, proxies and REST client. Its typed clients have neither service connections nor
 * variable groups nor environments nor checks in 17.0.1 (README), so that addresses and versions are written down here, from
 * https://learn.microsoft.com/rest/api/azure/devops (7.1).
 */
import { setTimeout as wait } from 'node:timers/promises';
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { WebApi, getBearerHandler, getPersonalAccessTokenHandler } from 'azure-devops-node-api';

/** Azure DevOps itself, as a resource of Entra ID. */
const AZURE_DEVOPS_SCOPE = '499b84ac-1321-427f-aa17-267ca6975798/.default';
const ATTEMPTS = 5;
const LONGEST_WAIT_SECONDS = 120;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export interface Call {
  readonly method: Method;
  /** Below the organisation, e.g. `Project/_apis/…`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly version: string;
  readonly body?: unknown;
}

/** What Azure DevOps refused or did not answer, with what to do. */
export class CallError extends Error {
  readonly status: number | undefined;
  constructor(call: Call, status: number | undefined, says: string) {
    super(`${call.method} ${call.path}: ${says}`);
    this.name = 'CallError';
    this.status = status;
  }
}

export interface Wire {
  /** One call; 404 is an error unless `missing` is 'null'. */
  send<T>(call: Call, missing?: 'null'): Promise<T | null>;
  /** Every page of a list. */
  list<T>(path: string, version: string, query?: Readonly<Record<string, string>>): Promise<T[]>;
}

/** A token of a personal access token when one is handed in, of Entra ID otherwise. */
export async function handlerOf(pat: string | undefined, credential?: TokenCredential) {
  // the header goes to the organisation's own host only: a redirect elsewhere must not carry it
  if (pat !== undefined) return getPersonalAccessTokenHandler(pat, false);
  const token = await tokenOf(credential ?? new DefaultAzureCredential());
  return getBearerHandler(token, false);
}

const NO_TOKEN = 'Entra ID gave no token for Azure DevOps: run `az login`, or name a variable with --pat-from';

/** What to do comes first: the credential says at length what it has tried. */
async function tokenOf(credential: TokenCredential): Promise<string> {
  const token = await credential.getToken(AZURE_DEVOPS_SCOPE).catch((cause: unknown) => {
    const tried = cause instanceof Error ? cause.message.trimEnd() : String(cause);
    throw new Error(`${NO_TOKEN}. What was tried:\n${tried.replace(/^/gm, '  ')}`, { cause });
  });
  if (token === null) throw new Error(NO_TOKEN);
  return token.token;
}

/** The wire to one organisation. */
export function wireOf(organisation: string, handler: Awaited<ReturnType<typeof handlerOf>>): Wire {
  const base = organisation.replace(/\/+$/, '');
  const options = { socketTimeout: 60_000, allowRetries: true, maxRetries: 3, allowRedirects: false };
  const { rest } = new WebApi(base, handler, options);

  async function once(call: Call) {
    const url = new URL(`${base}/${call.path}`);
    for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
    url.searchParams.set('api-version', call.version);
    if (call.method === 'GET') return rest.get<unknown>(url.href);
    if (call.method === 'DELETE') return rest.del<unknown>(url.href);
    if (call.method === 'POST') return rest.create<unknown>(url.href, call.body);
    if (call.method === 'PUT') return rest.replace<unknown>(url.href, call.body);
    return rest.update<unknown>(url.href, call.body);
  }

  async function answer(call: Call) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(call);
      } catch (error) {
        const { statusCode, rateLimit } = error as { statusCode?: number; rateLimit?: { retryAfter?: number } };
        // a throttled request was not carried out, so that it may be sent again whatever its verb
        if (statusCode !== 429 || attempt === ATTEMPTS) throw refusal(call, error);
        await wait(Math.min(rateLimit?.retryAfter ?? 2 ** attempt, LONGEST_WAIT_SECONDS) * 1000);
      }
    }
  }

  async function send<T>(call: Call, missing?: 'null') {
    const { statusCode, result, headers } = await answer(call);
    if (statusCode === 404) {
      if (missing === 'null') return { result: null, headers };
      throw new CallError(call, 404, 'not found: is the name right, and may this identity see it?');
    }
    // Azure DevOps answers a missing or expired token with its sign-in page: 203, or a redirect to it
    if (statusCode === 203) throw new CallError(call, 203, SIGN_IN);
    if (result === null && statusCode !== 204 && call.method !== 'DELETE')
      throw new CallError(call, statusCode, `expected JSON, got something else (status ${statusCode})`);
    return { result: result as T, headers };
  }

  return {
    send: async <T>(call: Call, missing?: 'null') => (await send<T>(call, missing)).result,
    async list<T>(path: string, version: string, query: Readonly<Record<string, string>> = {}) {
      const all: T[] = [];
      for (let continuationToken: string | undefined; ;) {
        const page = { ...query, ...(continuationToken === undefined ? {} : { continuationToken }) };
        const { result, headers } = await send<{ value: T[] }>({ method: 'GET', path, version, query: page });
        if (result === null || !Array.isArray(result.value))
          throw new CallError({ method: 'GET', path, version }, undefined, 'expected a list');
        all.push(...result.value);
        const next = (headers as Record<string, string | undefined>)['x-ms-continuationtoken'];
        if (next === undefined || next === '') return all;
        if (next === continuationToken)
          throw new CallError({ method: 'GET', path, version }, undefined, 'the same page is offered for ever');
        continuationToken = next;
      }
    },
  };
}

const SIGN_IN =
  'not signed in: the token is missing, expired, or of another tenant. Run `az login`, or name a variable with --pat-from';

function refusal(call: Call, error: unknown): CallError {
  const {
    statusCode: status,
    message,
    result,
  } = error as { statusCode?: number; message: string; result?: { message?: string } };
  const said = result?.message ?? (status === undefined ? message : '');
  if (status === 401 || status === 302) return new CallError(call, status, SIGN_IN);
  if (status === 403) return new CallError(call, status, `refused: this identity lacks the right. ${said}`.trim());
  if (status === 409)
    return new CallError(call, status, `somebody else changed it meanwhile: run plan again. ${said}`.trim());
  if (status === 429) return new CallError(call, status, `throttled ${ATTEMPTS} times in a row: try again later`);
  return new CallError(call, status, said === '' ? `status ${status}` : said);
}
