import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { imagePolicy } from '../../../src/cluster-policy/images.ts';
import { COMMON_SIGNATURES } from '../../../src/domain/proof.ts';
import { asYaml, groundOf } from '../../../src/cluster-policy/render.ts';
import { aRulebook } from '../../support/memory-world.ts';

const GROUND = {
  environment: 'production',
  registryHost: 'prod.example.test',
  images: ['docker.io/library/busybox'],
  repositories: ['iam'],
  namespaces: ['billing', 'iam'],
};

const NO_SIGNATURES = { signatures: 'none', wanted: COMMON_SIGNATURES, signers: {} } as const;

describe('when the image policy is rendered', () => {
  test('the same rules give the same bytes, and the file is the objects', () => {
    const yaml = asYaml(imagePolicy(GROUND), GROUND, NO_SIGNATURES);
    assert.equal(yaml, asYaml(imagePolicy({ ...GROUND, images: [...GROUND.images] }), GROUND, NO_SIGNATURES));
    const documents = parseAllDocuments(yaml).map((one) => one.toJS() as unknown);
    assert.deepEqual(documents, imagePolicy(GROUND));
  });

  test('it denies, closes when it fails, and holds in the namespaces of the services alone', () => {
    const [policy, binding] = imagePolicy(GROUND) as any[];
    assert.equal(policy.spec.failurePolicy, 'Fail');
    assert.deepEqual(binding.spec.validationActions, ['Deny']);
    assert.equal(binding.spec.policyName, policy.metadata.name);
    assert.deepEqual(binding.spec.matchResources.namespaceSelector.matchExpressions, [
      { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['billing', 'iam'] },
    ]);
  });

  test('another list, host or environment is another policy', () => {
    const variants = [
      GROUND,
      { ...GROUND, images: [] },
      { ...GROUND, registryHost: 'other.test' },
      { ...GROUND, environment: 'staging' },
      { ...GROUND, namespaces: ['iam'] },
    ];
    assert.equal(new Set(variants.map((one) => JSON.stringify(imagePolicy(one)))).size, variants.length);
  });
});

describe('when the ground of an environment is read', () => {
  test('it has the services that come there, each namespace and repository once, sorted', () => {
    const rulebook = aRulebook();
    const { iam } = rulebook.services;
    const services = {
      iam: iam!,
      billing: { ...iam!, name: 'billing', repository: 'billing', namespaces: { staging: 'billing' } },
      twin: { ...iam!, name: 'twin', repository: 'iam' },
      elsewhere: { ...iam!, name: 'elsewhere', repository: 'elsewhere', path: ['dev'] },
    };
    const ground = groundOf({ ...rulebook, services }, 'staging');
    assert.deepEqual(
      [ground?.repositories, ground?.namespaces],
      [
        ['billing', 'iam'],
        ['billing', 'iam-staging'],
      ],
    );
    assert.deepEqual([ground?.registryHost, ground?.images], ['staging.example.test', []]);
    assert.equal(groundOf(rulebook, 'production'), undefined);
  });
});
