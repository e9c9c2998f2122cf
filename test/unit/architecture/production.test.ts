import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { processTerminal } from '../../../src/cli/terminal.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { ROOT, filesUnder, read } from './import-walk.ts';

const PAGE = read('docs/production.md');
const ZONES = 'deploy/kubernetes/example/zones';

interface Ports {
  readonly ports: readonly { readonly protocol: string; readonly port: number }[];
}
interface Manifest {
  readonly kind: string;
  readonly spec: { readonly egress?: readonly Ports[]; readonly ingress?: readonly Ports[] };
}

function manifestsIn(file: string): readonly Manifest[] {
  return parseAllDocuments(read(file)).map((one) => one.toJS() as Manifest);
}

/** What the network policies of a file open, one line each: file, direction, port. */
function openedBy(file: string): readonly string[] {
  const policies = manifestsIn(file).filter(({ kind }) => kind === 'NetworkPolicy');
  return policies.flatMap(({ spec }) =>
    (['egress', 'ingress'] as const).flatMap((direction) =>
      (spec[direction] ?? []).flatMap(({ ports }) =>
        ports.map(({ protocol, port }) => `${file} ${direction} ${protocol} ${port}`),
      ),
    ),
  );
}

/** Rows of all tables below a heading, as trimmed cells. */
function rowsBelow(heading: string): readonly (readonly string[])[] {
  const from = PAGE.indexOf(`\n${heading}\n`);
  assert.ok(from >= 0, `no heading "${heading}"`);
  const level = heading.split(' ')[0] ?? '';
  const rest = PAGE.slice(from + heading.length + 2);
  const next = rest.search(new RegExp(`^#{2,${level.length}} `, 'm'));
  const lines = (next < 0 ? rest : rest.slice(0, next)).split('\n').filter((line) => /^\| (?!-)/.test(line));
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('when docs/production.md is read beside what it describes', () => {
  test('its table of networks has every opening of deploy/kubernetes and no other', () => {
    const there = globSync('deploy/kubernetes/**/*.yaml', { cwd: ROOT }).toSorted().flatMap(openedBy);
    const told = rowsBelow('## Networks').flatMap(([, direction, port, , by = '']) => {
      const file = /^`(.+)`$/.exec(by)?.[1];
      return file === undefined ? [] : [`${file} ${direction} ${port}`];
    });
    assert.ok(there.length >= 12, `${there.length} openings`);
    assert.deepEqual(told.toSorted(), there.toSorted());
  });

  test('a zone of the example reaches the health of each of its services', () => {
    const { services } = parse(read('deploy/kubernetes/example/config/sluice.yaml')) as {
      services: Record<string, { health: { port: number } }>;
    };
    const ports = Object.values(services).map(({ health }) => health.port);
    assert.ok(ports.length > 0);
    for (const file of globSync(`${ZONES}/*/egress.yaml`, { cwd: ROOT }))
      for (const port of ports) assert.ok(openedBy(file).includes(`${file} egress TCP ${port}`), `${file}: ${port}`);
  });

  test('each figure of its sizing stands in the results of the measurement that it names', () => {
    const results = read('bench/results/README.md').split(/^## /m);
    const rows = rowsBelow('### Sizing').filter(([, , by]) => by !== 'by');
    assert.ok(rows.length > 5);
    for (const [question, measured = '', by = ''] of rows) {
      const section = results.find((one) => one.startsWith(`${by.replaceAll('`', '')}\n`)) ?? '';
      const figures = measured.match(/\d+(?:\.\d+)?/g) ?? [];
      assert.ok(figures.length > 0, question);
      for (const figure of figures)
        assert.match(
          section,
          new RegExp(`(?<![\\d.])${figure.replace('.', '\\.')}(?![\\d.])`),
          `${question}: ${figure}`,
        );
    }
  });

  test('each variable of Temporal that it names is one that Temporal’s own configuration reads', () => {
    const known = read('node_modules/@temporalio/envconfig/lib/envconfig-toml.js');
    const named = new Set([...PAGE.matchAll(/`(TEMPORAL_[A-Z_]+)`/g)].map(([, name = '']) => name));
    assert.ok(named.size > 7);
    assert.deepEqual(
      [...named].filter((name) => !known.includes(`'${name}'`)),
      [],
    );
  });

  test('nothing encrypts what goes to Temporal, as it says', () => {
    assert.ok(PAGE.includes('no payload codec'));
    const codecs = filesUnder('src', 'activities', 'workflows').filter((file) =>
      /payloadCodecs|payloadConverterPath|dataConverter/.test(read(file)),
    );
    assert.deepEqual(codecs, []);
  });

  test('what a worker asks for and may take is what its manifest says', () => {
    const worker = read('deploy/kubernetes/worker/worker.yaml');
    for (const [told, there] of [
      ['1 GiB a worker', 'limits: { memory: 1Gi }'],
      ['768 MB of it Node', '--max-old-space-size=768'],
      ['250 millicores requested', 'requests: { cpu: 250m, memory: 512Mi }'],
      ['512 MiB and 250 millicores', 'requests: { cpu: 250m, memory: 512Mi }'],
      ['256 MiB of scratch', 'sizeLimit: 256Mi'],
      ['Two workers of each zone', 'replicas: 2'],
    ] as const) {
      assert.ok(PAGE.includes(told), told);
      assert.ok(worker.includes(there), there);
    }
  });

  test('its table of SKUs has each that deploy/azure orders, and no other', () => {
    const program = filesUnder('deploy/azure/resources').map(read).join('\n');
    const ordered = [...program.matchAll(/sku: \{[^}]*name: '([^']+)'/g)].map(([, name]) => `\`${name}\``);
    const told = rowsBelow('## Cost')
      .map(([, sku]) => sku ?? '')
      .filter((sku) => sku.startsWith('`'));
    assert.ok(ordered.length >= 3);
    assert.deepEqual(told.toSorted(), ordered.toSorted());
  });

  test('what it tells to back up in a cluster is every ConfigMap that a zone remembers by', () => {
    const names = /`sluice-[a-z]+-…`/g;
    const told = new Set(PAGE.match(names));
    const keepers = read('docs/security.md').match(names) ?? [];
    assert.ok(told.size >= 5);
    assert.deepEqual([...told].toSorted(), [...new Set(keepers)].toSorted());
  });

  test('every option of sluice that its text names exists', () => {
    const program = buildProgram(processTerminal(true), () => undefined);
    const known = new Set(
      program.commands.flatMap((one) => [one, ...one.commands]).flatMap((one) => one.options.map(({ long }) => long)),
    );
    const named = [...PAGE.matchAll(/`(?:sluice [^`]*?)?(--[a-z][a-z-]+)/g)].map(([, option = '']) => option);
    const others = ['--max-old-space-size', '--max-semi-space-size'];
    assert.ok(named.length > 8);
    assert.deepEqual(
      [...new Set(named)].filter((option) => !known.has(option) && !others.includes(option)),
      [],
    );
  });
});
