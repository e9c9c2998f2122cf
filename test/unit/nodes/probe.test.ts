import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { V1Container, V1Probe } from '@kubernetes/client-node';
import { parseBehaviour } from '../../../local/nodes/behaviour.ts';
import { containerLog } from '../../../local/nodes/container-log.ts';
import { containerPort, probe } from '../../../local/nodes/probe.ts';
import { startProgram } from '../../../local/nodes/program.ts';

const container: V1Container = { name: 'iam', ports: [{ name: 'http', containerPort: 8080 }] };
const program = startProgram(
  parseBehaviour(
    JSON.stringify({
      listen: 8080,
      responses: {
        '/': {},
        '/200': { status: 200 },
        '/399': { status: 399 },
        '/400': { status: 400 },
        '/500': { status: 500 },
        '/slow': { afterMs: 1000 },
        '/quick': { afterMs: 999 },
      },
    }),
  ),
  containerLog(),
);

describe('a probe', () => {
  const get = (path: string, port: number | string = 8080): V1Probe => ({ httpGet: { path, port } });
  const CASES: [string, V1Probe, string | undefined][] = [
    ['200', get('/200'), undefined],
    ['399', get('/399'), undefined],
    ['400', get('/400'), 'HTTP probe failed with statuscode: 400'],
    ['500', get('/500'), 'HTTP probe failed with statuscode: 500'],
    ['an unknown path', get('/none'), 'HTTP probe failed with statuscode: 404'],
    ['no path, which is /', { httpGet: { port: 8080 } }, undefined],
    ['a port by name', get('/200', 'http'), undefined],
    ['a port by a name that is none', get('/200', 'web'), 'connect: connection refused'],
    ['another port', get('/200', 8081), 'connect: connection refused'],
    ['an answer just in time', get('/quick'), undefined],
    ['an answer after the default second', get('/slow'), 'context deadline exceeded'],
    ['a slow answer that has time', { ...get('/slow'), timeoutSeconds: 2 }, undefined],
    ['a TCP port that listens', { tcpSocket: { port: 'http' } }, undefined],
    ['a TCP port that does not', { tcpSocket: { port: 1 } }, 'connect: connection refused'],
    ['a gRPC port that does not listen', { grpc: { port: 1 } }, 'connect: connection refused'],
    ['a command, which cannot be run here', { exec: { command: ['false'] } }, undefined],
  ];
  for (const [what, asked, failure] of CASES) {
    test(`${failure === undefined ? 'passes' : 'fails'}: ${what}`, () => {
      const result = probe(container, asked, program);
      assert.equal(result.ok, failure === undefined);
      if (!result.ok) assert.ok(result.why.endsWith(failure ?? ''), result.why);
    });
  }
});

describe('a port of a container', () => {
  const PORTS: [number | string, number][] = [
    [80, 80],
    ['http', 8080],
    ['8080', 8080],
    ['metrics', 0],
  ];
  for (const [port, expected] of PORTS) {
    test(`${JSON.stringify(port)} is ${expected}`, () => assert.equal(containerPort(container, port), expected));
  }
});
