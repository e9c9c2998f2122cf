import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GOOD, problemsOf, read } from './written.ts';

const WITHOUT = GOOD.replace('    lockImages: true\n', '');
const withManifests = (manifests: string): string => GOOD.replace('lockImages: true', `manifests: ${manifests}`);
const rulesOf = (manifests: string) => read(withManifests(manifests)).rulebook.environments['production']?.manifests;
const DIGEST = `sha256:${'ab'.repeat(32)}`;

describe('when an environment says what it takes of manifests', () => {
  test('its lists are its rules', () => {
    assert.deepEqual(
      rulesOf(
        '{ kinds: [Deployment, Rollout.argoproj.io], images: [docker.io/library/busybox, "mirror.test:5000/*"] }',
      ),
      {
        kinds: ['Deployment', 'Rollout.argoproj.io'],
        images: ['docker.io/library/busybox', 'mirror.test:5000/*'],
      },
    );
    assert.deepEqual(rulesOf(`{ images: ["docker.io/library/busybox@${DIGEST}"] }`), {
      images: [`docker.io/library/busybox@${DIGEST}`],
    });
  });

  test('what is not written adds nothing, so that the version of the policy stays', () => {
    assert.equal(read(withManifests('{}')).rulebook.policyVersion, read(WITHOUT).rulebook.policyVersion);
    assert.equal(rulesOf('{}'), undefined);
  });

  test('another list is another version of the policy', () => {
    const versions = ['{}', '{ kinds: [Deployment] }', '{ images: [docker.io/a] }', '{ images: [docker.io/b] }'];
    const found = versions.map((one) => read(withManifests(one)).rulebook.policyVersion);
    assert.equal(new Set(found).size, versions.length);
  });

  const mistakes: readonly (readonly [string, string, RegExp])[] = [
    [
      'a kind that is none',
      '{ kinds: [Deployment, deployments] }',
      /manifests.*"deployments" is no kind|"deployments" is no kind/,
    ],
    ['a kind with a version', '{ kinds: [Deployment, apps/v1] }', /"apps\/v1" is no kind/],
    ['a kind of the whole cluster', '{ kinds: [Deployment, ClusterRole] }', /ClusterRole belongs to the whole cluster/],
    [
      'kinds without the workload of a service',
      '{ kinds: [Service] }',
      /"iam" comes here and has a workload of a kind that is not listed: deployment/,
    ],
    ['an empty list', '{ kinds: [] }', /kinds/],
    [
      'an image without a registry',
      '{ images: [busybox] }',
      /"busybox" cannot be on the list: it does not begin with a registry/,
    ],
    ['an image with a short name', '{ images: [library/busybox] }', /does not begin with a registry/],
    ['a registry alone', '{ images: [docker.io] }', /names a registry and no repository/],
    ['a tag', '{ images: ["docker.io/library/busybox:1.36"] }', /what follows the registry is no repository/],
    ['a star inside', '{ images: ["docker.io/*/busybox"] }', /what follows the registry is no repository/],
    ['a star for everything', '{ images: ["*"] }', /does not begin with a registry/],
    ['half a digest', '{ images: ["docker.io/library/busybox@sha256:ab"] }', /one whole digest/],
    ['a digest of another sort', `{ images: ["docker.io/busybox@sha512:${'ab'.repeat(64)}"] }`, /one whole digest/],
    ['a digest for many', `{ images: ["docker.io/*@${DIGEST}"] }`, /no repository|one whole digest/],
    ['a key that is none', '{ kind: [Deployment] }', /kind/],
  ];
  for (const [name, manifests, message] of mistakes) {
    test(`${name} is a mistake, told with its place and what to do`, () => {
      const problems = problemsOf(withManifests(manifests));
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', message);
      assert.match(problems[0] ?? '', /^sluice\.yaml:\d+:\d+/);
    });
  }

  test('a service that does not come here needs nothing here', () => {
    const text = withManifests('{ kinds: [StatefulSet] }').replace('iam: {}', 'iam: { path: [dev] }');
    assert.deepEqual(problemsOf(text), []);
  });
});

describe('when an environment says who must have signed the manifests', () => {
  const proving = (proofs: string): string => GOOD.replace('lockImages: true', `proofs: ${proofs}`);
  const signers =
    'trust:\n  signers: { builder: [{ key: keys/cosign.pub }], security: [{ key: keys/ada-p256.pub }] }\n';
  const proofsOf = (text: string) => read(text).rulebook.environments['production']?.proofs;

  test('it is a rule of its own beside that of the image', () => {
    const text = proving('{ manifests: { all: [builder, security] } }').replace('trust:\n', signers);
    assert.deepEqual(proofsOf(text), {
      signatures: { need: 'any', of: ['signatures'] },
      manifests: { need: 'all', of: ['builder', 'security'] },
    });
  });

  test('the signer that trust.signatures makes up may be wanted as well', () => {
    assert.deepEqual(proofsOf(proving('{ manifests: { any: [signatures] } }'))?.manifests, {
      need: 'any',
      of: ['signatures'],
    });
  });

  test('a signer that nobody knows is a mistake', () => {
    const [problem = '', ...more] = problemsOf(
      proving('{ manifests: { any: [bilder] } }').replace('trust:\n', signers),
    );
    assert.deepEqual(more, []);
    assert.match(problem, /there is no signer "bilder" \(did you mean "builder"\?\)/);
  });
});
