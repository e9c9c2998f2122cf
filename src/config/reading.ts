/** With what the files are read that a configuration names. */
import type { StoredFile } from './config.ts';

/** Returns the file's text; throws what `node:fs` throws. */
export type ReadText = (path: string) => string;

/** Returns every file below the folder; throws what `node:fs` throws. */
export type ReadFolder = (path: string) => readonly StoredFile[];
