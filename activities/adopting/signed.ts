/** The signed form of an adoption, beside the image that was adopted: one, however often the worker dies on the way. */
import type { Adopted, Adoption, AdoptionWord } from '../../src/contract/adoption-workflow.ts';
import { type Digest, parseDigest } from '../../src/domain/digest.ts';
import { ADOPTION_PREDICATE, adoptionStatement, readAdoption } from '../../src/evidence/adoption-statement.ts';
import { recordArtefact, toBeSigned } from '../../src/evidence/record-bundle.ts';
import { statementBytes } from '../../src/evidence/record-statement.ts';
import { PortError } from '../../src/ports/port-error.ts';
import { attach } from '../attach.ts';
import { lockAgain } from '../evidence.ts';
import type { Zone } from '../zone.ts';

export interface Attached {
  readonly digest: Digest;
  /** ISO 8601, as it says itself. */
  readonly at: string;
}

/** Undefined: this environment signs no records. */
export async function attachAdoption(
  zone: Zone,
  adoption: Adoption,
  adopted: Adopted,
  word: AdoptionWord,
  workflow: { readonly id: string; readonly runId: string },
): Promise<Attached | undefined> {
  const { recording, registry } = zone.ports;
  if (recording === undefined) return undefined;
  const image = { repository: adoption.image.repository, digest: parseDigest(adoption.image.digest) };
  const known = await knownIn(zone, image, adopted.found);
  if (known !== undefined) return kept(zone, image, known);
  const subject = await registry.manifest(image.repository, image.digest);
  if (subject === undefined) throw gone(registry.host, image.digest);
  const engine = { name: 'sluice', version: recording.engine };
  const bytes = statementBytes(adoptionStatement(adoption, adopted, word, { workflow, engine }));
  const signature = await recording.signer.sign(toBeSigned(bytes));
  const artefact = recordArtefact(subject, bytes, ADOPTION_PREDICATE, signature, adopted.at);
  const lockImages = zone.rulebook.environments[zone.environment]?.lockImages === true;
  await attach(zone, { publisher: recording.publisher, image, artefact, lockImages });
  return kept(zone, image, { digest: artefact.manifestDigest, at: adopted.at });
}

interface Where {
  readonly repository: string;
  readonly digest: Digest;
}

async function knownIn({ ports, environment }: Zone, image: Where, found: string): Promise<Attached | undefined> {
  const all = (await ports.recorders?.attestations(ports.registry, image, [ADOPTION_PREDICATE])) ?? [];
  const own = all.filter(({ signers }) => signers.includes(environment));
  const read = own.flatMap(({ artefact, predicate }) => {
    const said = readAdoption(predicate);
    return said?.found === found ? [{ digest: artefact.digest, at: said.adoptedAt }] : [];
  });
  return read[0];
}

/** Retention takes what has no tag. An image that was locked before is locked again, whoever died meanwhile. */
async function kept(zone: Zone, { repository, digest }: Where, attached: Attached): Promise<Attached> {
  if (zone.rulebook.environments[zone.environment]?.lockImages === true)
    await lockAgain(zone, repository, digest, attached.digest);
  return attached;
}

function gone(host: string, digest: Digest): PortError {
  return new PortError('image-not-found', `${host} does not have ${digest} any more`, {
    retry: 'yes',
    expected: digest,
  });
}
