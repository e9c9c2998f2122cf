/** The written form of a secret: its place, never its value. */
import { z } from 'zod';

const text = (what: string) => z.string().min(1).max(2_000).describe(what);

export const writtenSecret = z.union([
  z.strictObject({ variable: text('Name of a variable in the environment of the worker.') }),
  z.strictObject({ file: text('File that holds it and nothing else, relative to this file.') }),
]);

export type WrittenSecret = z.infer<typeof writtenSecret>;
