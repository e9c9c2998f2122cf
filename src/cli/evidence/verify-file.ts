/** `sluice evidence verify`: a file and a list of those whose word counts, nothing else. */
import { readFile, stat } from 'node:fs/promises';
import { parseDigest } from '../../domain/digest.ts';
import { EvidenceError, unreadable } from '../../evidence/evidence-error.ts';
import { LARGEST_ARCHIVE } from '../../evidence/layout.ts';
import { type EvidenceVerdict, verifyEvidence } from '../../evidence/verify.ts';
import { readTrustFile } from '../../config/trust-file.ts';
import { evidenceTrust } from '../wire.ts';

export async function verifyFile(file: string, trustFile: string, digest?: string): Promise<EvidenceVerdict> {
  const expected = digest === undefined ? undefined : parseDigest(digest);
  const trust = await evidenceTrust(readTrustFile(trustFile));
  try {
    return await verifyEvidence(await bytesOf(file), trust, expected);
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    const { code, message, expected: wanted, got, remedy } = error;
    const details = { ...(wanted && { expected: wanted }), ...(got && { got }), ...(remedy && { remedy }) };
    throw new EvidenceError(code, `${file}: ${message}`, { ...details, cause: error });
  }
}

async function bytesOf(file: string): Promise<Uint8Array> {
  const { size } = await stat(file).catch(cannotBeRead);
  if (size > LARGEST_ARCHIVE) throw unreadable('it is larger than any evidence', `${size} bytes`);
  return readFile(file).catch(cannotBeRead);
}

function cannotBeRead(cause: NodeJS.ErrnoException): never {
  throw unreadable('it cannot be read', cause.code === 'ENOENT' ? 'no such file' : cause.message);
}
