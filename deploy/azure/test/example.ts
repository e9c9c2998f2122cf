/** The example parameters, and the estate that they make: seen once for all tests of a file. */
import { readFileSync } from 'node:fs';
import { readParameters } from '../parameters/read.ts';
import type { Parameters } from '../parameters/shape.ts';

const FILE = new URL('../parameters/example.yaml', import.meta.url);

export function exampleText(): string {
  return readFileSync(FILE, 'utf8');
}

export function exampleParameters(): Parameters {
  return readParameters('example.yaml', exampleText());
}
