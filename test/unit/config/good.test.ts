import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GOOD, PUBLIC_KEY, read } from './written.ts';

describe('when sluice.yaml is good', () => {
  const config = read(GOOD);

  test('what is not written has its default', () => {
    const { rulebook } = config;
    assert.deepEqual(rulebook.services['iam'], {
      name: 'iam',
      repository: 'iam',
      namespaces: { dev: 'iam', production: 'iam' },
      workloads: ['deployment/iam'],
      path: ['dev', 'production'],
      health: {
        service: 'iam',
        port: 8080,
        path: '/health',
        attempts: 30,
        everyMs: 10_000,
        timeoutMs: 5_000,
        passes: 1,
        urls: {},
      },
    });
    assert.deepEqual(rulebook.environments['dev'], {
      name: 'dev',
      registryHost: 'onestreamdev.azurecr.io',
      lockImages: false,
      rollOutTimeoutMs: 300_000,
      firstRelease: 'remove',
    });
    assert.deepEqual(rulebook.timing, {
      heartbeatMs: 10_000,
      retryForMs: 600_000,
      attentionForMs: 259_200_000,
      pauseForMs: 86_400_000,
    });
  });

  test('an approval excludes the requester unless it says otherwise', () => {
    const approval = { required: 2, from: ['release-managers'], notRequester: true, deadlineMs: 43_200_000 };
    assert.deepEqual(config.rulebook.environments['production']?.approval, approval);
    const open = read(GOOD.replace('expiresAfter: 12h', 'not: []'));
    assert.equal(open.rulebook.environments['production']?.approval?.notRequester, false);
  });

  test('paths are absolute, variables are replaced, clusters without a subscription take the registry’s', () => {
    const { dev, production } = config.environments;
    assert.equal(dev?.registry.subscription, 'sub-1');
    assert.equal(dev?.registry.resourceManager, 'https://management.azure.com');
    assert.deepEqual(dev?.cluster, { kind: 'kubeconfig', path: '/repo/kube/dev', context: 'dev' });
    assert.equal(production?.registry.loginServer, '127.0.0.1:16503');
    assert.deepEqual(production?.cluster, {
      kind: 'aks',
      name: 'onestream-prod-aks',
      resourceGroup: 'onestream-prod-rg',
      subscription: 'sub',
    });
    assert.deepEqual(config.manifests, { iam: '/repo/manifests/iam' });
    assert.deepEqual(config.trust, {
      signatures: [{ kind: 'key', file: '/repo/keys/cosign.pub', pem: PUBLIC_KEY }],
    });
  });

  test('a namespace may differ by environment, and health may be left out', () => {
    const services = 'services:\n  iam: { namespace: { dev: iam-dev, production: iam }, health: false }\n';
    const { iam } = read(GOOD.replace('services:\n  iam: {}\n', services)).rulebook.services;
    assert.deepEqual(iam?.namespaces, { dev: 'iam-dev', production: 'iam' });
    assert.equal(iam?.health, undefined);
  });

  test('an identity with its trusted root is as good as a key', () => {
    const identity = '{ issuer: https://a.test, subject: https://b.test, trustedRoot: root.json }';
    const [trust] = read(GOOD.replace('{ key: keys/cosign.pub }', identity)).trust['signatures'] ?? [];
    assert.equal(trust?.kind === 'identity' && trust.issuer, 'https://a.test');
  });
});

describe('when the version of the policy is computed', () => {
  const version = (text: string): string => read(text).rulebook.policyVersion;

  test('it is a digest, the same for the same rules wherever they are written', () => {
    assert.match(version(GOOD), /^sha256:[0-9a-f]{64}$/);
    assert.equal(version(GOOD), version(`# a comment\n${GOOD.replace('lockImages: true\n', 'lockImages: true\n\n')}`));
    assert.equal(
      version(GOOD),
      version(GOOD.replace('kube/dev', 'elsewhere/dev')),
      'where a kubeconfig lies is no rule',
    );
    assert.equal(
      version(GOOD),
      version(GOOD.replace('iam: {}', 'iam: { repository: iam }')),
      'a default may be written',
    );
  });

  test('another rule is another version', () => {
    const others = [
      GOOD.replace('required: 2', 'required: 1'),
      GOOD.replace('lockImages: true', 'lockImages: false'),
      GOOD.replace('iam: {}', 'iam: { workloads: [statefulset/iam] }'),
      GOOD.replace('[dev, production]', '[dev]'),
      GOOD.replace('127.0.0.1:16503', '127.0.0.1:16504'),
    ];
    assert.equal(new Set([GOOD, ...others].map(version)).size, others.length + 1);
  });
});
