/** Which test files there are, and which of them need a server or a tool. */
import { globSync } from 'node:fs';
import { sep } from 'node:path';

export const SUITES = ['unit', 'integration', 'clients', 'e2e'] as const;
export type Suite = (typeof SUITES)[number];

/** Tests of the house, and those that packages of their own keep beside their programs (`deploy/azure/test`). */
const PLACES = ['test/**/*.test.ts', 'deploy/*/test/**/*.test.ts'];

/** `test/unit/…` is `unit`; folders that no suite is named after, and other packages, need what integration tests need. */
export function suiteOf(file: string): Suite {
  const folder = file.split(sep)[1] ?? '';
  return SUITES.find((suite) => suite === folder) ?? 'integration';
}

/** Paths below `checkout`, quick ones first, whole stacks last. */
export function testFiles(checkout: string, suites: readonly Suite[], below: readonly string[] = []): string[] {
  const wanted = (file: string): boolean =>
    suites.includes(suiteOf(file)) && (below.length === 0 || below.some((prefix) => file.startsWith(prefix)));
  const rank = (file: string): number => SUITES.indexOf(suiteOf(file));
  return globSync(PLACES, { cwd: checkout, exclude: ['**/node_modules/**'] })
    .filter(wanted)
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}
