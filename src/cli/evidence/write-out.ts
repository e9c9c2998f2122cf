/** What the caller wants kept in a place of their choice: that nothing can be written there is theirs to mend, and no defect. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ReleaseEngineError } from '../../client/release-engine-error.ts';

/** Folders on the way to it are made. Throws `input-invalid`. */
export async function writeOut(file: string, content: Uint8Array | string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  } catch (cause) {
    throw new ReleaseEngineError('input-invalid', `${file} cannot be written`, {
      got: cause instanceof Error ? cause.message : String(cause),
      remedy: 'name another place with --out',
      cause,
    });
  }
}
