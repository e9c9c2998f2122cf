/**
 * The import law as one table: what each room of the house may import. ESLint (`eslint.config.js`) and the import walk
 * (`import-law.test.ts`) are both built from it, so that the law is written once. The last room that matches a file counts.
 */

import { INNER, PURE, type Room } from './room.ts';

export const ROOMS: readonly Room[] = [
  {
    name: 'domain',
    at: 'src/domain',
    rooms: [],
    packages: [],
    because: 'the nouns depend on nothing',
  },
  {
    name: 'policy',
    at: 'src/policy',
    rooms: PURE,
    types: ['contract', 'ports'],
    packages: [],
    because: 'a decision is facts in, verdict out: no I/O, no clock, no SDK',
  },
  {
    name: 'policy/gates',
    at: 'src/policy/gates',
    rooms: [...PURE, 'policy/cel'],
    packages: ['luxon', 'ical.js'],
    because: 'a gate is a decision like any other; zones and calendars are read by kept libraries without I/O',
  },
  {
    name: 'policy/cel',
    at: 'src/policy/cel',
    rooms: [],
    packages: ['@marcbachmann/cel-js'],
    because: 'expressions are read by a kept library without I/O, and bounded in one place for all who have some',
  },
  {
    name: 'policy/proofs',
    at: 'src/policy/proofs',
    rooms: [...PURE, 'policy/cel'],
    types: ['ports'],
    packages: [],
    because: 'whether something is proven is a decision: statements and rules in, verdicts out',
  },
  {
    name: 'proofs',
    at: 'src/proofs',
    rooms: ['domain', 'policy', 'policy/proofs', 'evidence', 'ports'],
    packages: [],
    because: 'proofs are gathered through ports and judged by policy, for activities and the command line alike',
  },
  {
    name: 'content',
    at: 'src/content',
    rooms: PURE,
    packages: ['node:crypto', 'canonicalize'],
    because: 'content is bytes and their digests, nothing that reaches out',
  },
  {
    name: 'plan',
    at: 'src/plan',
    rooms: ['domain', 'policy', 'content'],
    types: ['contract', 'ports'],
    packages: [],
    because: 'a plan is computed from observed facts, without looking anything up',
  },
  {
    name: 'manifests',
    at: 'src/manifests',
    rooms: ['domain', 'policy', 'content'],
    packages: ['yaml', 'tar-stream', 'node:fs', 'node:fs/', 'node:path', 'node:zlib', 'node:stream', 'node:stream/'],
    because: 'manifests are read, checked and packed, never sent anywhere',
  },
  {
    name: 'cluster-policy',
    at: 'src/cluster-policy',
    rooms: PURE,
    packages: ['yaml', 'node:crypto'],
    because: 'what a cluster is told is computed from the rules and printed, never sent anywhere',
  },
  {
    name: 'versions',
    at: 'src/versions',
    rooms: PURE,
    types: ['versions/git'],
    packages: ['semver'],
    because: 'a version follows from a git history that is handed in: no clock, no program, no network',
  },
  {
    name: 'versions/git',
    at: 'src/versions/git.ts',
    rooms: ['versions'],
    packages: ['node:child_process'],
    because: 'the history is what the program "git" says, which is asked here alone',
  },
  {
    name: 'figures',
    at: 'src/figures',
    rooms: PURE,
    packages: [],
    because: 'figures are computed from runs that are handed in: no clock, no engine',
  },
  {
    name: 'contract',
    at: 'src/contract',
    rooms: PURE,
    packages: ['@temporalio/common', '@temporalio/workflow'],
    because: 'what crosses Temporal is frozen by running workflows: names and shapes only',
  },
  {
    name: 'ports',
    at: 'src/ports',
    rooms: PURE,
    packages: [],
    because: 'a port names what is needed, never who provides it',
  },
  {
    name: 'referrers',
    at: 'src/referrers',
    rooms: ['domain', 'ports', 'content'],
    packages: ['p-limit'],
    because:
      'what goes with an image is found through a reader that is handed in: no technology, no Temporal, no configuration',
  },
  {
    name: 'statements',
    at: 'src/statements',
    rooms: ['domain', 'ports'],
    packages: ['jose', 'node:crypto'],
    because: 'a statement is signed and opened by jose alone, with keys that are handed in: nothing is looked up',
  },
  {
    name: 'evidence',
    at: 'src/evidence',
    rooms: ['domain', 'contract', 'content', 'ports', 'referrers', 'statements'],
    packages: ['zod', 'node:fs', 'node:url', 'p-limit', 'tar-stream', '@temporalio/common', '@temporalio/common/'],
    because:
      'evidence is gathered through ports and looked at without any: no Temporal server, no registry, no configuration',
  },
  {
    name: 'legacy',
    at: 'src/legacy',
    rooms: ['domain', 'ports'],
    packages: ['zod'],
    because:
      'what may go of what was there before is judged from lists and readers that are handed in: nothing is removed here',
  },
  {
    name: 'migration',
    at: 'src/migration',
    rooms: PURE,
    packages: [],
    because: 'how far a service may go is judged by facts that are handed in: no clock, no file, no engine',
  },
  {
    name: 'migration/file',
    at: 'src/migration/file',
    rooms: [...PURE, 'config', 'migration'],
    packages: ['node:fs', 'node:path', 'node:url', 'yaml', 'zod'],
    because: 'migration.yaml and the reports beside it are read and written here alone',
  },
  {
    name: 'comparison',
    at: 'src/comparison',
    rooms: ['domain', 'manifests'],
    packages: ['yaml', 'zod'],
    because: 'two recorded clusters are compared as they are handed in: nothing is asked, nothing is changed',
  },
  {
    name: 'adapters',
    at: 'src/adapters',
    rooms: ['domain', 'ports', 'content', 'statements'],
    packages: ['node:', '@azure/', '@kubernetes/client-node', '@sigstore/', 'jose', 'undici', 'yaml', 'zod'],
    because: 'an adapter knows one technology: no Temporal, no policy, no other adapter',
  },
  {
    name: 'config',
    at: 'src/config',
    rooms: ['domain', 'content', 'policy/gates', 'policy/proofs', 'statements'],
    packages: ['node:', 'zod', 'yaml', 'fastest-levenshtein', '@temporalio/envconfig'],
    because:
      'configuration is read and checked, nothing is connected; gates and keys are checked by the code that uses them later',
  },
  {
    name: 'telemetry',
    at: 'src/telemetry',
    rooms: ['domain', 'contract'],
    types: ['config'],
    packages: [
      '@temporalio/common',
      '@temporalio/worker',
      '@opentelemetry/',
      '@azure/monitor-opentelemetry-exporter',
      'node:',
    ],
    because: 'telemetry measures what it is told, and hands it to exporters: it asks nobody and decides nothing',
  },
  {
    name: 'workflows',
    at: 'workflows',
    rooms: ['domain', 'contract'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
    because: 'workflow code is replayed: only Temporal, the contract and pure values',
  },
  {
    name: 'activities',
    at: 'activities',
    rooms: [
      'domain',
      'contract',
      'ports',
      'policy',
      'policy/gates',
      'proofs',
      'plan',
      'content',
      'evidence',
      'manifests',
      'referrers',
      'statements',
      'telemetry',
    ],
    packages: ['@temporalio/activity', '@temporalio/common', 'p-limit'],
    because: 'an activity sees ports, never the technology behind them',
  },
  {
    name: 'client',
    at: 'src/client',
    rooms: ['domain', 'contract', 'content', 'evidence', 'figures', 'manifests', 'ports', 'statements'],
    packages: ['@temporalio/client', '@temporalio/common', 'node:fs', 'node:util', 'node:timers/promises', 'p-limit'],
    because: "the client speaks to Temporal, never to a registry or a cluster; it signs with a person's own key",
  },
  {
    name: 'cli',
    at: 'src/cli',
    rooms: [
      'domain',
      'contract',
      'config',
      'client',
      'cluster-policy',
      'content',
      'evidence',
      'figures',
      'comparison',
      'legacy',
      'manifests',
      'migration',
      'migration/file',
      'ports',
      'statements',
      'telemetry',
      'versions',
      'versions/git',
      'policy/gates',
      'proofs',
      'cli/wire',
      'cli/worker',
      'cli/rehearsal',
      'cli/serve',
      'cli/comparison-page',
    ],
    types: ['rehearsal'],
    packages: [
      'commander',
      '@bomb.sh/tab/',
      'yaml',
      'node:',
      '@temporalio/client',
      '@temporalio/common',
      '@temporalio/envconfig',
    ],
    because:
      'the command line asks the client; only its wire.ts touches adapters; gates are pure, and are tried without an engine',
  },
  {
    name: 'cli/wire',
    at: 'src/cli/wire.ts',
    rooms: [...INNER, 'adapters', 'client', 'cli', 'wiring'],
    packages: ['node:', '@azure/', '@temporalio/', '@kubernetes/client-node'],
    because: "the command line's composition root",
  },
  {
    name: 'cli/worker',
    at: 'src/cli/commands/worker.ts',
    rooms: ['domain', 'contract', 'config', 'ports', 'telemetry', 'cli', 'worker'],
    packages: ['commander', 'node:'],
    because: '"sluice worker" becomes the worker process',
  },
  {
    name: 'cli/rehearsal',
    at: 'src/cli/run-rehearsal.ts',
    rooms: ['domain', 'config', 'client', 'cli', 'rehearsal'],
    packages: [],
    because: '"sluice rehearse" loads the rehearsal, which no other command has to',
  },
  {
    name: 'cli/comparison-page',
    at: 'src/cli/comparing/page.ts',
    rooms: ['domain', 'comparison', 'cli', 'web'],
    packages: ['node:crypto'],
    because: 'the page of a comparison is made as the web server makes its own: one template, one style, one escaping',
  },
  {
    name: 'cli/serve',
    at: 'src/cli/commands/serve.ts',
    rooms: ['cli', 'cli/serving', 'web'],
    packages: ['commander'],
    because: '"sluice serve" checks where it may listen, then becomes the web server',
  },
  {
    name: 'cli/serving',
    at: 'src/cli/serving',
    rooms: ['cli', 'cli/wire', 'config', 'client', 'web'],
    packages: ['node:'],
    because: 'gives the web server its connection to the engine and the way to the identity provider, and ends both',
  },
  {
    name: 'web',
    at: 'src/web',
    rooms: ['domain', 'contract', 'client'],
    packages: ['node:http', 'node:net', 'node:crypto', 'node:fs'],
    because:
      'the web server shows what the client answers and hands on what people sign or say: no configuration, no credentials, no keys',
  },
  {
    name: 'wiring',
    at: 'src/wiring',
    rooms: [...INNER, 'adapters'],
    packages: ['@azure/'],
    because: 'what the composition roots of worker and command line build in the same way',
  },
  {
    name: 'rehearsal',
    at: 'src/rehearsal',
    rooms: ['domain', 'contract', 'ports', 'content', 'manifests', 'adapters', 'activities'],
    packages: ['@temporalio/client', '@temporalio/testing', '@temporalio/worker', 'node:url', 'node:timers/promises'],
    because: 'a rehearsal is a composition root of its own: real workflows and activities over adapters in memory',
  },
  {
    name: 'worker',
    at: 'src/worker',
    rooms: [...INNER, 'activities', 'worker/wire'],
    packages: ['@temporalio/', 'node:'],
    because: 'the worker runs activities; only its wire.ts touches adapters',
  },
  {
    name: 'worker/wire',
    at: 'src/worker/wire.ts',
    rooms: [...INNER, 'adapters', 'activities', 'worker', 'wiring'],
    packages: ['node:', '@azure/', '@temporalio/', '@kubernetes/client-node'],
    because: "the worker's composition root",
  },
];

/** The room of a file, by its path from the root of the repository; undefined outside the house (local, test, bench …). */
export function roomOf(path: string): Room | undefined {
  return ROOMS.findLast((room) => path === room.at || path.startsWith(`${room.at}/`));
}

/** Whether a room is a part of another that has a law of its own, as `cli/wire` is of `cli`. */
export function isInside(part: Room, whole: Room): boolean {
  return part.at.startsWith(`${whole.at}/`);
}

export function allowsPackage(room: Room, specifier: string): boolean {
  return room.packages.some((allowed) =>
    /[/:]$/.test(allowed) ? specifier.startsWith(allowed) : specifier === allowed,
  );
}

/**
 * Which adapter a file belongs to: `registry/acr`, `registry/memory` …; adapters may not see one another. A file beside the
 * technologies of a port (`registry/memory.ts`) is a technology of its own.
 */
export function adapterOf(path: string): string | undefined {
  const [, port, technology] = /^src\/adapters\/([^/]+)\/([^/]+?)(?:\.ts)?(?:\/|$)/.exec(path) ?? [];
  return port === undefined || technology === undefined ? undefined : `${port}/${technology}`;
}
