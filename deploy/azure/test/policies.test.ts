import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { preview, type Preview } from '../preview.ts';
import { allowedImages, readAssignments } from '../resources/policies.ts';
import { at } from '../rules/rule.ts';
import { exampleParameters } from './example.ts';

interface BuiltIn {
  readonly displayName: string;
  readonly parameters: Readonly<Record<string, { allowedValues?: readonly unknown[]; defaultValue?: unknown }>>;
}
/** What the definitions take, read in the public repository Azure/azure-policy. */
const builtIn = JSON.parse(
  readFileSync(new URL('../../policy/azure/built-in.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, BuiltIn>>;
const DIGEST = `sha256:${'a1'.repeat(32)}`;
const allows = new RegExp(allowedImages('onestreamprod', 'azurecr.io'));

describe('which images a cluster takes', () => {
  const good = [
    `onestreamprod.azurecr.io/iam@${DIGEST}`,
    `onestreamprod.azurecr.io/iam:2026.11.3-ab12cd@${DIGEST}`,
    `onestreamprod.azurecr.io/platform/utility-service@${DIGEST}`,
    `onestreamprod.azurecr.io/a__b/c.d-e@${DIGEST}`,
  ];
  for (const image of good) test(`${image.slice(0, 60)} is taken`, () => assert.match(image, allows));

  const bad: readonly (readonly [string, string])[] = [
    ['a tag alone', 'onestreamprod.azurecr.io/iam:2026.11.3'],
    ['no version at all', 'onestreamprod.azurecr.io/iam'],
    ['another environment’s registry', `onestreamstaging.azurecr.io/iam@${DIGEST}`],
    ['another registry whose name ends alike', `evil-onestreamprod.azurecr.io/iam@${DIGEST}`],
    ['a dot that is any letter', `onestreamprodxazurecr.io/iam@${DIGEST}`],
    ['a registry behind the name', `onestreamprod.azurecr.io.example.test/iam@${DIGEST}`],
    ['Docker Hub', `nginx@${DIGEST}`],
    ['a digest that is too short', 'onestreamprod.azurecr.io/iam@sha256:a1a1'],
    ['something behind the digest', `onestreamprod.azurecr.io/iam@${DIGEST}/x`],
    ['another line', `onestreamprod.azurecr.io/iam@${DIGEST}\nnginx`],
    ['another algorithm', `onestreamprod.azurecr.io/iam@sha1:${'a1'.repeat(20)}`],
  ];
  for (const [name, image] of bad) test(`${name} is refused`, () => assert.doesNotMatch(image, allows));

  test('the cluster’s own policy, as it is rendered, takes and refuses the same', () => {
    const rendered = readFileSync(new URL('../../policy/rendered/production.yaml', import.meta.url), 'utf8');
    const expressions = parseAllDocuments(rendered)
      .map((document) => document.toJS() as { kind: string; spec: { validations?: { expression: string }[] } })
      .flatMap(({ spec }) => spec.validations ?? []);
    const written = expressions.flatMap(
      ({ expression }) => /matches\("(\^.*onestreamprod.*\$)"\)/.exec(expression)?.[1] ?? [],
    );
    assert.equal(written.length, 1);
    const inCluster = new RegExp(written[0] ?? '');
    for (const image of good) assert.match(image, inCluster);
    for (const [name, image] of bad) assert.doesNotMatch(image, inCluster, name);
  });

  test('the pattern has nothing that RE2, which the policy add-on reads it with, does not know', () => {
    assert.doesNotMatch(allowedImages('a', 'azurecr.io'), /\(\?[=!<]|\\[1-9]/);
  });
});

describe('the assignments of Azure Policy', () => {
  let estate: Preview;
  before(async () => {
    estate = await preview(exampleParameters());
  });

  test('are made for each environment, on its own cluster and group, and refuse', () => {
    const made = estate.resources.filter(({ type }) => type.endsWith(':PolicyAssignment')).map(({ inputs }) => inputs);
    const { registry, cluster } = readAssignments();
    assert.equal(made.length, 3 * (registry.length + cluster.length));
    const images = made.filter((one) => one['policyAssignmentName'] === 'sluice-cluster-digests-only');
    assert.deepEqual(images.map((one) => String(one['scope']).split('/').at(-1)).toSorted(), [
      'onestream-dev-aks',
      'onestream-prod-aks',
      'onestream-staging-aks',
    ]);
    for (const one of images) {
      assert.equal(at(one, 'parameters.effect.value'), 'Deny');
      assert.equal(one['enforcementMode'], 'Default');
    }
    const production = images.find((one) => String(one['scope']).endsWith('onestream-prod-aks'));
    assert.match(
      `onestreamprod.azurecr.io/iam@${DIGEST}`,
      new RegExp(String(at(production, 'parameters.allowedContainerImagesRegex.value'))),
    );
  });

  test('give each definition what it asks for, and nothing that it does not know', () => {
    const made = estate.resources.filter(({ type }) => type.endsWith(':PolicyAssignment')).map(({ inputs }) => inputs);
    for (const one of made) {
      const definition = builtIn[String(one['policyDefinitionId']).split('/').at(-1) ?? ''];
      assert.ok(definition, `${String(one['policyAssignmentName'])}: nobody has read its definition`);
      assert.equal(one['displayName'], `Sluice: ${definition.displayName}`);
      const given = one['parameters'] as Record<string, { value: unknown }>;
      const known = Object.entries(definition.parameters);
      assert.deepEqual(
        Object.keys(given).filter((key) => definition.parameters[key] === undefined),
        [],
      );
      assert.deepEqual(
        known.filter(([key, { defaultValue }]) => defaultValue === undefined && given[key] === undefined),
        [],
      );
      for (const [key, { allowedValues }] of known)
        if (given[key] !== undefined && allowedValues !== undefined)
          assert.ok(allowedValues.includes(given[key].value), `${key}: ${String(given[key].value)}`);
    }
  });

  test('tell whoever is refused why', () => {
    const { registry, cluster } = readAssignments();
    for (const { message, definition } of [...registry, ...cluster]) {
      assert.ok(message.length > 20);
      assert.match(definition, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }
  });
});
