/**
 * Services of type LoadBalancer: each gets a loopback address of its own and answers there for its ready pods, as a cloud's
 * load balancer and kube-proxy together do. Without a ready pod connections are reset.
 */
import type { V1Service, V1ServicePort } from '@kubernetes/client-node';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type KubeApi, MERGE } from '../control-plane/kube-api.ts';
import type { AddressPool } from './addresses.ts';
import type { EffectLog } from './effect-log.ts';
import type { Events } from './events.ts';
import type { Backend, PodRun } from './pod-run.ts';
import { containerPort } from './probe.ts';
import { bodyOf } from './program.ts';
import { waitFor } from './wait.ts';

export interface LoadBalancerContext {
  readonly api: KubeApi;
  readonly addresses: AddressPool;
  readonly effects: EffectLog;
  readonly events: Events;
  readonly signal: AbortSignal;
  pods(): Iterable<PodRun>;
  report(problem: string): void;
}

export interface LoadBalancer {
  seen(service: V1Service): void;
  gone(service: V1Service): void;
  close(): void;
}

/** Header that names the digest of the image which answered. */
export const DIGEST_HEADER = 'x-sluice-digest';
const POD_HEADER = 'x-sluice-pod';
const RETRY_MS = 500;

interface Exposed {
  service: V1Service;
  readonly address: string;
  readonly listeners: Map<number, Server>;
}

export function loadBalancer(context: LoadBalancerContext): LoadBalancer {
  const exposed = new Map<string, Exposed>();

  function seen(service: V1Service): void {
    const uid = service.metadata?.uid ?? '';
    if (service.spec?.type !== 'LoadBalancer') return withdraw(uid);
    const known = exposed.get(uid) ?? expose(uid, service);
    if (known === undefined) return;
    known.service = service;
    const wanted = new Map((service.spec.ports ?? []).filter(isTcp).map((port) => [port.port, port]));
    for (const [port, listener] of known.listeners) {
      if (wanted.has(port)) continue;
      stop(listener);
      known.listeners.delete(port);
    }
    const missing = [...wanted.keys()].filter((port) => !known.listeners.has(port));
    const opened = missing.map((port) => open(context, known, port, () => exposed.get(uid) === known));
    const announced = service.status?.loadBalancer?.ingress?.[0]?.ip === known.address;
    if (!announced)
      Promise.all(opened).then(
        () => announce(context, known),
        () => undefined,
      );
  }

  function expose(uid: string, service: V1Service): Exposed | undefined {
    const address = context.addresses.take(uid, service.status?.loadBalancer?.ingress?.[0]?.ip);
    if (address === undefined) {
      context.events.warning({ ...service, kind: 'Service' }, 'SyncLoadBalancerFailed', 'no address is left');
      return undefined;
    }
    const fresh: Exposed = { service, address, listeners: new Map() };
    exposed.set(uid, fresh);
    return fresh;
  }

  function withdraw(uid: string): void {
    for (const listener of exposed.get(uid)?.listeners.values() ?? []) stop(listener);
    exposed.delete(uid);
    context.addresses.release(uid);
  }

  return {
    seen,
    gone: (service) => withdraw(service.metadata?.uid ?? ''),
    close: () => [...exposed.keys()].forEach(withdraw),
  };
}

/** Listens on one port, and tries again while another process holds it. */
async function open(context: LoadBalancerContext, to: Exposed, port: number, wanted: () => boolean): Promise<void> {
  const server = createServer((request, response) => {
    answer(context, to, port, request, response).catch((error: Error) => {
      context.report(`load balancer ${to.address}:${port}: ${error.message}`); // headers of the image that HTTP forbids
      request.socket.resetAndDestroy();
    });
  });
  server.on('connection', (socket) => refuseWithoutBackend(context, to, port, socket));
  to.listeners.set(port, server);
  for (let told = false; wanted(); told = true) {
    const failure = await listen(server, port, to.address);
    if (failure === undefined) return;
    const about = { ...to.service, kind: 'Service' };
    if (!told) context.events.warning(about, 'SyncLoadBalancerFailed', `${to.address}:${port}: ${failure.message}`);
    if (!told) context.report(`load balancer ${to.address}:${port}: ${failure.message}`);
    await waitFor(RETRY_MS, context.signal);
  }
}

function listen(server: Server, port: number, address: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(port, address, () => {
      server.off('error', resolve);
      resolve(undefined);
    });
  });
}

async function announce(context: LoadBalancerContext, { service, address }: Exposed): Promise<void> {
  const { namespace, name } = service.metadata ?? {};
  const status = { loadBalancer: { ingress: [{ ip: address }] } };
  try {
    await context.api.patch(`/api/v1/namespaces/${namespace}/services/${name}/status`, { status }, MERGE);
    context.effects.write('address-given', { namespace, service: name, address });
  } catch (error) {
    if (!context.signal.aborted) context.report(`address of ${namespace}/${name}: ${(error as Error).message}`);
  }
}

function refuseWithoutBackend(context: LoadBalancerContext, to: Exposed, port: number, socket: Socket): void {
  socket.on('error', () => undefined);
  if (targets(context, to.service, port).length === 0) socket.resetAndDestroy();
}

let turn = 0;

async function answer(
  context: LoadBalancerContext,
  to: Exposed,
  port: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  const candidates = targets(context, to.service, port);
  const target = candidates[turn++ % Math.max(candidates.length, 1)];
  const given = target?.backend.program.answer(target.port, request.url ?? '/');
  if (target === undefined || given === undefined || given.kind === 'refused') {
    request.socket.resetAndDestroy();
    return;
  }
  if (given.afterMs > 0) await waitFor(given.afterMs, context.signal).catch(() => undefined);
  const { text, type } = bodyOf(given);
  response.writeHead(given.status, {
    'content-type': type,
    ...given.headers,
    [DIGEST_HEADER]: target.backend.digest,
    [POD_HEADER]: target.pod.pod.metadata?.name ?? '',
  });
  response.end(text);
}

interface Target {
  readonly pod: PodRun;
  readonly backend: Backend;
  readonly port: number;
}

/** Listening containers behind one port of the service: of ready pods that its selector names. */
function targets(context: LoadBalancerContext, service: V1Service, port: number): Target[] {
  const asked = service.spec?.ports?.find((candidate) => candidate.port === port);
  const selector = Object.entries(service.spec?.selector ?? {});
  if (asked === undefined || selector.length === 0) return [];
  const found: Target[] = [];
  for (const pod of context.pods()) {
    const { namespace, labels, deletionTimestamp } = pod.pod.metadata ?? {};
    if (!pod.ready || deletionTimestamp !== undefined || namespace !== service.metadata?.namespace) continue;
    if (!selector.every(([name, value]) => labels?.[name] === value)) continue;
    for (const backend of pod.backends) {
      const number = containerPort(backend.container, asked.targetPort ?? asked.port);
      if (number === backend.program.behaviour.listen) found.push({ pod, backend, port: number });
    }
  }
  return found;
}

function isTcp(port: V1ServicePort): boolean {
  return (port.protocol ?? 'TCP') === 'TCP';
}

function stop(server: Server): void {
  server.close();
  server.closeAllConnections();
}
