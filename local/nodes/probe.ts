/** Probes as the kubelet judges them, put to a simulated program. */
import type { V1Container, V1Probe } from '@kubernetes/client-node';
import type { Program } from './program.ts';

export type ProbeResult = { readonly ok: true } | { readonly ok: false; readonly why: string };

const OK: ProbeResult = { ok: true };
const DEFAULT_TIMEOUT_SECONDS = 1;

/** Asks once. `exec` probes always pass: there is nothing here to execute. */
export function probe(container: V1Container, asked: V1Probe, program: Program): ProbeResult {
  if (asked.httpGet !== undefined) {
    const path = asked.httpGet.path ?? '/';
    return probeHttp(containerPort(container, asked.httpGet.port), path, asked, program);
  }
  const port = asked.tcpSocket?.port ?? asked.grpc?.port;
  if (port === undefined) return OK;
  const number = containerPort(container, port);
  const listens = program.answer(number, '/').kind === 'response';
  return listens ? OK : { ok: false, why: `dial tcp :${number}: connect: connection refused` };
}

/** 200 to 399 is success (kubelet, `pkg/probe/http`). */
function probeHttp(port: number, path: string, asked: V1Probe, program: Program): ProbeResult {
  const answer = program.answer(port, path);
  if (answer.kind === 'refused') {
    return { ok: false, why: `Get "http://:${port}${path}": dial tcp :${port}: connect: connection refused` };
  }
  if (answer.afterMs >= (asked.timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS) * 1000) {
    return { ok: false, why: `Get "http://:${port}${path}": context deadline exceeded` };
  }
  if (answer.status < 400) return OK;
  return { ok: false, why: `HTTP probe failed with statuscode: ${answer.status}` };
}

/** A port by number, or by its name in the container; 0 when no port has that name. */
export function containerPort(container: V1Container, port: number | string): number {
  if (typeof port === 'number') return port;
  const named = container.ports?.find((candidate) => candidate.name === port)?.containerPort;
  return named ?? (/^\d+$/.test(port) ? Number(port) : 0);
}
