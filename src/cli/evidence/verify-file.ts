/** `sluice evidence verify`: a file and a list of those whose word counts, nothing else. */
import { readFile, stat } from 'node:fs/promises';
import { parseDigest } from '../../domain/digest.ts';
import { unreadable } from '../../evidence/evidence-error.ts';
import { LARGEST_ARCHIVE } from '../../evidence/layout.ts';
import { type EvidenceVerdict, verifyEvidence } from '../../evidence/verify.ts';
import { readTrustFile } from '../../config/trust-file.ts';
import { evidenceTrust } from '../wire.ts';

export async function verifyFile(file: string, trustFile: string, digest?: string): Promise<EvidenceVerdict> {
  const expected = digest === undefined ? undefined : parseDigest(digest);
  const trust = await evidenceTrust(readTrustFile(trustFile));
  return verifyEvidence(await bytesOf(file), trust, expected);
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST_ARCHIVE) throw unreadable(`${file} is larger than any evidence`, `${size} bytes`);
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'evidence-unreadable') throw cause;
    throw unreadable(`${file} cannot be read`, cause instanceof Error ? cause.message : String(cause));
  }
}
