/**
 * Stands in for the program "notation": looks at what it is given as the real one does (layout, policy, store), and answers in its words.
 * A "signature" is good when its envelope says GOOD; what else the envelope says, the stand-in does.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const [verb, layoutFlag, scopeFlag, scope, reference] = process.argv.slice(2);
const fail = (text) => {
  process.stderr.write(`Error: ${text}\n`);
  process.exit(1);
};
if (verb !== 'verify' || layoutFlag !== '--oci-layout' || scopeFlag !== '--scope') fail(`unknown command ${verb}`);
if (process.env.NOTATION_EXPERIMENTAL !== '1') fail('unknown flag: --oci-layout');
const [layout, digest] = reference.split('@');
const own = join(process.env.XDG_CONFIG_HOME, 'notation');
const policy = JSON.parse(readFileSync(join(own, 'trustpolicy.json'), 'utf8'));
const read = (one) => readFileSync(join(layout, 'blobs', 'sha256', one.slice('sha256:'.length)));
JSON.parse(readFileSync(join(layout, 'oci-layout'), 'utf8'));
const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
if (!index.manifests.some((one) => one.digest === digest)) fail(`failed to resolve ${reference}`);
const applies = policy.trustPolicies.some(
  (one) => one.registryScopes.includes('*') || one.registryScopes.includes(scope),
);
if (!applies)
  fail(`signature verification failed: artifact ${JSON.stringify(reference)} has no applicable trust policy`);
if (!existsSync(join(own, 'truststore', 'x509')) || readdirSync(join(own, 'truststore', 'x509', 'ca')).length === 0)
  fail('the trust store does not exist');

const signatures = index.manifests
  .filter((one) => one.digest !== digest)
  .map((one) => JSON.parse(read(one.digest)))
  .filter((one) => one.subject?.digest === digest)
  .map((one) => read(one.layers[0].digest).toString());
const [said = ''] = signatures;
if (said.includes('ENVIRONMENT')) fail(`environment: ${Object.keys(process.env).sort().join(' ')} in ${layout}`);
if (said.includes('HANG')) setInterval(() => undefined, 1_000);
else if (said.includes('CHATTER')) process.stdout.write('x'.repeat(10_000_000));
else if (said.includes('SKIP'))
  console.log(`Trust policy is configured to skip signature verification for ${reference}`);
else if (said.includes('LOGGED')) {
  process.stderr.write('Warning: authenticity was set to "log" and failed with error: expired\n');
  console.log(`Successfully verified signature for ${reference}`);
} else if (said.includes('OTHER'))
  console.log(`Successfully verified signature for ${layout}@sha256:${'0'.repeat(64)}`);
else if (said.includes('GOOD')) console.log(`Successfully verified signature for ${reference}`);
else if (said.includes('BROKEN')) fail('failed to parse the trust policy');
else fail(`signature verification failed for all the signatures associated with ${reference}`);
