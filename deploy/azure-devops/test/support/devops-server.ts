/**
 * Azure DevOps at the wire: the addresses, versions and shapes of the REST reference 7.1, with state, so that what one request writes
 * the next one reads. It answers as the service does where that matters here: pages, secrets that are never shown, checks without
 * settings unless asked, federation's issuer and subject added to a connection, the environment's and group's numbers.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';

export const PROJECT = { id: '6ce954b1-ce1f-45d1-b94d-e6bf2464ba2c', name: 'OneStreamPlatform' };
export const PAT = 'test-pat-of-the-wire';
export const ENTRA_TOKEN = 'a-token-of-entra-id';
const PAGE = 2;

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}
interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: any;
}
type Fault = { readonly when: (request: Request) => boolean; readonly answer: Answer; times: number };

export class DevOpsServer {
  readonly requests: Request[] = [];
  readonly faults: Fault[] = [];
  readonly endpoints = new Map<string, any>();
  readonly groups = new Map<string, any>();
  readonly environments = new Map<string, any>();
  readonly checks = new Map<string, any>();
  readonly permissions = new Map<string, { open: boolean; pipelines: Set<number> }>();
  pipelines: { id: number; name: string; folder: string }[] = [
    { id: 4, name: 'web', folder: '\\' },
    { id: 7, name: 'iam', folder: '\\' },
    { id: 9, name: 'legacy-iam', folder: '\\' },
  ];
  settings: Record<string, boolean> = {
    buildsEnabledForForks: true,
    enforceNoAccessToSecretsFromForks: false,
    enforceSettableVar: true,
    enforceJobAuthScope: true,
  };
  url = '';
  #next = 1;
  readonly #server = createServer((incoming, response) => void this.#serve(incoming, response));

  async start(): Promise<this> {
    await new Promise<void>((ready) => this.#server.listen(0, '127.0.0.1', ready));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/OneStreamPlatform`;
    return this;
  }

  async [Symbol.asyncDispose]() {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  /** What was sent besides GET. */
  get writes(): string[] {
    return this.requests.filter((one) => one.method !== 'GET').map((one) => `${one.method} ${one.path}`);
  }

  fail(when: Fault['when'], answer: Answer, times = 1) {
    this.faults.push({ when, answer, times });
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse) {
    let text = '';
    for await (const part of incoming) text += part;
    const url = new URL(incoming.url!, 'http://service');
    const path = decodeURIComponent(url.pathname).replace(/^\/OneStreamPlatform\//, '');
    const request = {
      method: incoming.method!,
      path,
      query: url.searchParams,
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.requests.push(request);
    const answer = this.#answer(request, incoming.headers.authorization);
    response.writeHead(answer.status, {
      'content-type': typeof answer.body === 'string' ? 'text/html' : 'application/json',
      ...answer.headers,
    });
    response.end(
      answer.body === undefined ? '' : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body),
    );
  }

  #answer(request: Request, authorization: string | undefined): Answer {
    const fault = this.faults.find((one) => one.times > 0 && one.when(request));
    if (fault !== undefined) {
      fault.times -= 1;
      return fault.answer;
    }
    const [scheme, token] = (authorization ?? '').split(' ');
    const given =
      scheme === 'Basic'
        ? Buffer.from(token ?? '', 'base64')
            .toString()
            .split(':')
            .at(-1)
        : token;
    // a personal access token comes as a password, a token of Entra ID as itself
    if (given !== (scheme === 'Basic' ? PAT : ENTRA_TOKEN))
      return { status: 203, body: '<html><title>Azure DevOps Services | Sign In</title></html>' };
    if (!/^7\.1(-preview\.\d)?$/.test(request.query.get('api-version') ?? ''))
      return refuse(400, 'VssVersionNotSpecifiedException: api-version');
    const { method, path } = request;
    const inProject = path.replace(/^OneStreamPlatform\//, '');
    const [, , area, ...rest] = inProject === path ? ['', ...path.split('/')] : ['', ...inProject.split('/')];
    const route = `${method} ${area}/${rest.join('/')}`;
    if (route === `GET projects/${PROJECT.name}`) return { status: 200, body: PROJECT };
    if (area === 'build') return this.#settings(request);
    if (area === 'serviceendpoint') return this.#endpoints(request, rest[1]);
    if (area === 'distributedtask') return this.#groups(request, rest[1]);
    if (route === 'GET pipelines/') return page(this.pipelines, request);
    if (rest[0] === 'environments') return this.#environments(request, rest[1]);
    if (rest[0] === 'checks') return this.#checks(request, rest[2]);
    if (rest[0] === 'pipelinepermissions') return this.#permissions(request, `${rest[1]}/${rest[2]}`);
    return refuse(404, `no such address: ${route}`);
  }

  #settings({ method, body }: Request): Answer {
    if (method === 'PATCH') this.settings = { ...this.settings, ...body };
    return { status: 200, body: this.settings };
  }

  #endpoints({ method, body }: Request, id: string | undefined): Answer {
    if (method === 'GET')
      return { status: 200, body: { count: this.endpoints.size, value: [...this.endpoints.values()] } };
    if (method === 'DELETE') return this.endpoints.delete(id!) ? { status: 204 } : refuse(404, 'gone');
    if (method === 'POST' && [...this.endpoints.values()].some((one) => one.name === body.name))
      return refuse(
        409,
        `Service connection with name ${body.name} already exists. Only a user having Administrator/User role permissions …`,
      );
    if (body.serviceEndpointProjectReferences?.[0]?.projectReference?.id !== PROJECT.id)
      return refuse(400, 'serviceEndpointProjectReferences');
    const key = id ?? randomUUID();
    const parameters = {
      ...body.authorization.parameters,
      workloadIdentityFederationIssuer: 'https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111/v2.0',
      workloadIdentityFederationSubject: `/eid1/c/pub/t/x/a/y/sc/${key}`,
      workloadIdentityFederationIssuerType: 'EntraID',
    };
    this.endpoints.set(key, {
      owner: 'library',
      ...body,
      id: key,
      authorization: { ...body.authorization, parameters },
    });
    return { status: 200, body: this.endpoints.get(key) };
  }

  #groups(request: Request, id: string | undefined): Answer {
    const { method, body } = request;
    if (method === 'GET') return page([...this.groups.values()], request);
    if (method === 'DELETE') return this.groups.delete(id!) ? { status: 204 } : refuse(404, 'gone');
    const key = id ?? String(this.#next++);
    const variables = Object.fromEntries(
      Object.entries<any>(body.variables).map(([name, one]) => [name, one.isSecret ? { ...one, value: null } : one]),
    );
    this.groups.set(key, { ...body, variables, id: Number(key), isShared: false });
    return { status: 200, body: this.groups.get(key) };
  }

  #environments(request: Request, id: string | undefined): Answer {
    const { method, body } = request;
    if (method === 'GET') return page([...this.environments.values()], request);
    if (method === 'DELETE') return this.environments.delete(id!) ? { status: 204 } : refuse(404, 'gone');
    const key = id ?? String(this.#next++);
    this.environments.set(key, {
      ...this.environments.get(key),
      ...body,
      id: Number(key),
      project: { id: PROJECT.id },
    });
    return { status: 200, body: this.environments.get(key) };
  }

  #checks({ method, body, query }: Request, id: string | undefined): Answer {
    if (method === 'DELETE') return this.checks.delete(id!) ? { status: 204 } : refuse(404, 'gone');
    if (method === 'GET') {
      const here = [...this.checks.values()].filter(
        ({ resource }) => resource.type === query.get('resourceType') && resource.id === query.get('resourceId'),
      );
      const value = here.map(({ settings, ...rest }) =>
        query.get('$expand') === 'settings' ? { ...rest, settings } : rest,
      );
      return { status: 200, body: { count: value.length, value } };
    }
    const key = id ?? String(this.#next++);
    this.checks.set(key, { timeout: 43200, ...body, id: Number(key), version: 1 });
    return { status: 200, body: this.checks.get(key) };
  }

  #permissions({ method, body }: Request, key: string): Answer {
    const live = this.permissions.get(key) ?? { open: false, pipelines: new Set<number>() };
    this.permissions.set(key, live);
    if (method === 'PATCH') {
      live.open = body.allPipelines?.authorized ?? live.open;
      for (const { id, authorized } of body.pipelines) authorized ? live.pipelines.add(id) : live.pipelines.delete(id);
    }
    const [type, id] = key.split('/');
    const pipelines = [...live.pipelines].map((one) => ({ id: one, authorized: true }));
    return {
      status: 200,
      body: { resource: { type, id }, ...(live.open ? { allPipelines: { authorized: true } } : {}), pipelines },
    };
  }
}

const refuse = (status: number, message: string): Answer => ({
  status,
  body: { $id: '1', message, typeKey: 'VssServiceException', errorCode: 0 },
});

function page(all: readonly unknown[], { query }: Request): Answer {
  const from = Number(query.get('continuationToken') ?? 0);
  const value = all.slice(from, from + PAGE);
  const more = from + PAGE < all.length;
  return {
    status: 200,
    body: { count: value.length, value },
    ...(more && { headers: { 'x-ms-continuationtoken': String(from + PAGE) } }),
  };
}
