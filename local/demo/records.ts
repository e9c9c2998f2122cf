/** The signed records beside an image, as the registry serves them, held against the public keys with nothing of Sluice. */
import { createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRegistry, type RegistrySession } from '../stack/registry-session.ts';
import { recordKeyOf } from '../stack/record-keys.ts';
import type { Stack } from '../stack/start-stack.ts';
import { ENVIRONMENTS } from '../stack/world.ts';
import { environment } from './facts.ts';

const PREDICATE = 'https://sluice.dev/promotion/v1';

interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly sig: string }[];
}

/** Environments that have signed, each with its own key, that they promoted this digest; by what lies in the registry of `name`. */
export async function recordersOf(stack: Stack, name: string, digest: string): Promise<readonly string[]> {
  const { registry, kubeletId } = environment(name);
  const visitor = { registry, host: 'nodes', clientId: kubeletId, scope: 'repository:iam:pull' };
  const session = await openRegistry(stack.emulator, visitor);
  try {
    const { manifests } = await json<{ manifests: Referrer[] }>(session, `/v2/iam/referrers/${digest}`);
    const records = manifests.filter(({ annotations = {} }) => Object.values(annotations).includes(PREDICATE));
    const signed = await Promise.all(records.map((one) => signersOf(stack, session, one.digest, digest)));
    return signed.flat().toSorted();
  } finally {
    await session.close();
  }
}

interface Referrer {
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

async function signersOf(stack: Stack, session: RegistrySession, record: string, image: string): Promise<string[]> {
  const { layers } = await json<{ layers: [{ digest: string }] }>(session, `/v2/iam/manifests/${record}`);
  const { dsseEnvelope } = await json<{ dsseEnvelope: Envelope }>(session, `/v2/iam/blobs/${layers[0].digest}`);
  const statement = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString('utf8')) as {
    readonly subject: readonly { readonly digest: { readonly sha256: string } }[];
    readonly predicate: { readonly to: { readonly environment: string } };
  };
  const isAboutIt = statement.subject.some((one) => image.endsWith(`:${one.digest.sha256}`));
  const names = ENVIRONMENTS.map((one) => one.name).filter((name) => name === statement.predicate.to.environment);
  return isAboutIt ? names.filter((name) => isSignedBy(stack, name, dsseEnvelope)) : [];
}

/** DSSE 1.0: what is signed says how long its parts are. */
function isSignedBy(stack: Stack, name: string, { payload, payloadType, signatures }: Envelope): boolean {
  const body = Buffer.from(payload, 'base64');
  const head = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `);
  const key = createPublicKey(readFileSync(recordKeyOf(join(stack.dir, 'records'), name).publicFile));
  return signatures.every(({ sig }) => verify('sha256', Buffer.concat([head, body]), key, Buffer.from(sig, 'base64')));
}

async function json<T>(session: RegistrySession, path: string): Promise<T> {
  const accept = 'application/vnd.oci.image.manifest.v1+json';
  return (await (await session.request(path, { headers: { accept } })).json()) as T;
}
