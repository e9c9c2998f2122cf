import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GOOD, problemsOf } from './written.ts';

const change = (from: string, to: string): string => {
  assert.ok(GOOD.includes(from), `the good configuration has no ${from}`);
  return GOOD.replace(from, to);
};

describe('when sluice.yaml has mistakes', () => {
  test('five mistakes are five messages, each with line, column, path and remedy', () => {
    const text = GOOD.replace('path: [dev, production]', 'path: [dev, prodution]')
      .replace('resourceGroup: onestream-dev-rg', 'resourceGrop: onestream-dev-rg')
      .replace('lockImages: true', 'lockImages: "yes"')
      .replace('expiresAfter: 12h', 'expiresAfter: 12 hours')
      .replace('keys/cosign.pub', 'keys/lost.pub');
    const problems = problemsOf(text);
    assert.equal(problems.length, 5, problems.join('\n'));
    const expected = [
      /^sluice\.yaml:2:13 path\[1\]: there is no environment "prodution" \(did you mean "production"\?\); known: dev, production$/,
      /^sluice\.yaml:5:36 environments\.dev\.registry\.resourceGrop: unknown key .*did you mean "resourceGroup".*; known here: acr, /,
      /^sluice\.yaml:10:17 environments\.production\.lockImages: expected a boolean, got "yes"; /,
      /^sluice\.yaml:11:72 environments\.production\.approvals\[0\]\.expiresAfter: .*got 12 hours; .*such as 30s, 10m, 3d/,
      /^sluice\.yaml:13:23 trust\.signatures\[0\]\.key: .*\/repo\/keys\/lost\.pub: no such file; /,
    ];
    expected.forEach((pattern, index) => assert.match(problems[index] ?? '', pattern));
  });

  const cases: readonly (readonly [title: string, text: string, expected: RegExp])[] = [
    ['an empty file', '', /sluice\.yaml:1:1: the file is empty/],
    ['a list instead of a mapping', '- a\n', /expected a mapping/],
    ['broken YAML', 'version: [1\npath: x', /^sluice\.yaml:\d+:\d+: /],
    ['a key that stands twice', change('version: 1\n', 'version: 1\nversion: 1\n'), /:2:1: .*unique/],
    ['another version', change('version: 1', 'version: 2'), /:1:10 version: expected 1, got 2/],
    [
      'a variable that is not set',
      change('${AZURE_SUBSCRIPTION_ID}', '${NO_SUCH}'),
      /:5:83.*variable NO_SUCH is not set/,
    ],
    ['an empty variable', change('${AZURE_SUBSCRIPTION_ID}', '${EMPTY}'), /variable EMPTY is not set/],
    ['a variable without a name', change('${AZURE_SUBSCRIPTION_ID}', '"${}"'), /names no variable/],
    ['a command as a variable', change('${AZURE_SUBSCRIPTION_ID}', '"${A:-b}"'), /names no variable/],
    ['no approver at all', change('from: [release-managers], ', ''), /approvals\[0\]\.from: "from" is missing/],
    ['an approval by nobody', change('required: 2', 'required: 0'), /at least 1, got 0/],
    [
      'a shared registry',
      change('loginServer: "127.0.0.1:16503"', 'loginServer: onestreamdev.azurecr.io'),
      /share the registry/,
    ],
    ['a registry with a scheme', change('"127.0.0.1:16503"', 'https://a.test'), /"loginServer" is a host/],
    [
      'resource manager without TLS',
      change('subscription: sub,', 'subscription: sub, endpoint: "http://a",'),
      /https:\/\/ address/,
    ],
    [
      'a cluster of no kind',
      change('{ kubeconfig: kube/dev, context: dev }', 'yes'),
      /expected \{kubeconfig, context\} or \{aks, /,
    ],
    [
      'a cluster that lacks a field',
      change('resourceGroup: onestream-prod-rg }\n    lock', '}\n    lock'),
      /cluster\.resourceGroup: "resourceGroup" is missing/,
    ],
    [
      'a misspelt cluster',
      change('{ kubeconfig: kube/dev,', '{ kubconfig: kube/dev,'),
      /unknown key "kubconfig" \(did you mean "kubeconfig"\?\)/,
    ],
    [
      'a simulated cluster that is not',
      change('{ kubeconfig: kube/dev, context: dev }', '{ simulated: false }'),
      /simulated: expected true, got false/,
    ],
    ['a name that is no label', change('  iam: {}', '  IAM: {}'), /"IAM" cannot be a name/],
    ['a name that looks like a prototype', change('  iam: {}', '  __proto__: {}'), /cannot be a name|is empty/],
    ['no service', change('services:\n  iam: {}', 'services: {}'), /"services" is empty/],
    ['a path with a repetition', change('[dev, production]', '[dev, dev]'), /"dev" is on the path twice/],
    ['an empty path', change('[dev, production]', '[]'), /path: expected at least 1/],
    ['a workload of no kind', change('iam: {}', 'iam: { workloads: [iam] }'), /workloads\[0\].*deployment/],
    ['a repository with a tag', change('iam: {}', 'iam: { repository: "iam:1" }'), /is no repository/],
    ['a port that is none', change('iam: {}', 'iam: { health: { port: 65536 } }'), /at most 65535, got 65536/],
    [
      'a health address of another protocol',
      change('iam: {}', 'iam: { health: { urls: { dev: "file:///etc/passwd" } } }'),
      /an http\(s\) address/,
    ],
    [
      'a health address of no environment',
      change('iam: {}', 'iam: { health: { urls: { test: "http://a.test" } } }'),
      /no environment "test"/,
    ],
    [
      'a namespace that is forgotten',
      change('iam: {}', 'iam: { namespace: { dev: a } }'),
      /no namespace for "production"/,
    ],
    ['a duration of zero', change('12h', '0s'), /expiresAfter/],
    [
      'a duration without unit',
      change('lockImages: true', 'rollOut: { timeout: 300 }'),
      /timeout: expected text, got 300/,
    ],
    ['a private key', change('keys/cosign.pub', 'keys/private.pem'), /private key/],
    ['a key that is none', change('keys/cosign.pub', 'keys/nonsense.pub'), /cannot use \/repo\/keys\/nonsense\.pub/],
    ['nobody to trust', change('[{ key: keys/cosign.pub }]', '[]'), /signatures: expected at least 1/],
    [
      'an identity without root',
      change('{ key: keys/cosign.pub }', '{ issuer: a, subject: b }'),
      /"trustedRoot" is missing/,
    ],
    [
      'aliases without end',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
      /alias/i,
    ],
  ];
  for (const [title, text, expected] of cases) {
    test(`${title} is named`, () => {
      const problems = problemsOf(text, { AZURE_SUBSCRIPTION_ID: 'sub-1', EMPTY: '' });
      assert.ok(
        problems.some((problem) => expected.test(problem)),
        problems.join('\n') || 'no problem was found',
      );
      for (const problem of problems) assert.match(problem, /^sluice\.yaml:\d+:\d+/);
    });
  }

  test('one namespace of one cluster for two environments is refused', () => {
    const shared = GOOD.replace(
      '{ aks: onestream-prod-aks, resourceGroup: onestream-prod-rg }',
      '{ kubeconfig: kube/dev, context: dev }',
    );
    assert.match(problemsOf(shared).join('\n'), /the same namespace of the same cluster/);
    const apart = shared.replace('iam: {}', 'iam: { namespace: { dev: iam-dev, production: iam } }');
    assert.deepEqual(problemsOf(apart), []);
  });
});

describe('when a variable holds something strange', () => {
  test('it is text, never syntax', () => {
    assert.deepEqual(problemsOf(GOOD, { AZURE_SUBSCRIPTION_ID: 'x }, cluster: { simulated: true' }), []);
    assert.deepEqual(problemsOf(GOOD, { AZURE_SUBSCRIPTION_ID: '# no comment\n- a: [b' }), []);
  });

  test('it is not repeated in messages', () => {
    const text = change('lockImages: true', 'lockImages: ${SECRET}');
    const problems = problemsOf(text, { AZURE_SUBSCRIPTION_ID: 'a', SECRET: 'hunter2' }).join('\n');
    assert.match(problems, /got \$\{SECRET\}/);
    assert.doesNotMatch(problems, /hunter2/);
  });
});
