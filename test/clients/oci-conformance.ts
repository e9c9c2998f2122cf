/**
 * The OCI distribution conformance suite against the emulator. By hand, since the suite is no tool of this repository:
 *   GOBIN=$PWD go install github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111
 *   node test/clients/oci-conformance.ts ./conformance
 * Ends with the suite's own exit code; its report is in ./results.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { DEFAULT_WORLD } from '../../local/acr-emulator/world.ts';
import { startProbe } from '../integration/acr-emulator/probe.ts';

const [binary] = process.argv.slice(2);
if (binary === undefined) throw new Error('usage: node test/clients/oci-conformance.ts <path of the suite’s binary>');

// The suite pushes and deletes; no identity of the default world may do both.
const role = 'Container Registry Repository Contributor';
const world = { ...DEFAULT_WORLD, assignments: [{ identity: 'build', role, registry: 'onestreamdev' }] };
const probe = await startProbe({ world });
const { clientId, secret } = probe.credentials('build');
const child = spawn(resolve(binary), [], {
  stdio: 'inherit',
  env: {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    SSL_CERT_FILE: probe.emulator.caFile,
    OCI_REGISTRY: probe.loginServer('onestreamdev'),
    OCI_TLS: 'enabled',
    OCI_USERNAME: clientId,
    OCI_PASSWORD: secret,
    OCI_VERSION: '1.1',
  },
});
const [code] = (await once(child, 'exit')) as [number | null];
await probe.remove();
process.exitCode = code ?? 1;
