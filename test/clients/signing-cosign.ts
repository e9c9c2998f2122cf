/** The real `cosign` with keys of its own that signs offline, into the registry itself and no transparency log. */
import type { Probe } from '../integration/acr-emulator/probe.ts';
import { ClientProgram } from './program.ts';

/** How it is told the form in which it signs and attests. */
export const FORMS = {
  bundle: ['--signing-config', 'signing-config.json'],
  legacy: ['--use-signing-config=false', '--new-bundle-format=false', '--tlog-upload=false'],
} as const;

/** In its home lie `<key>.key` and `<key>.pub` for each of the keys. */
export async function startSigningCosign(probe: Probe, ...keys: readonly string[]): Promise<ClientProgram> {
  const cosign = new ClientProgram('cosign', probe, { COSIGN_PASSWORD: 'only for this test' });
  for (const key of keys) await cosign.output('generate-key-pair', '--output-key-prefix', key);
  await cosign.output('signing-config', 'create', '--out', 'signing-config.json');
  return cosign;
}
