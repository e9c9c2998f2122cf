import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { GOOD, problemsOf, read } from './written.ts';

const change = (from: string, to: string, text = GOOD): string => {
  assert.ok(text.includes(from), `the good configuration has no ${from}`);
  return text.replace(from, to);
};

const ADA = '{ name: ada, key: keys/ada.pub }';
const withApprovers = (yaml: string, text = GOOD): string => change('approvers: unproven', `approvers: ${yaml}`, text);
const PROVEN = withApprovers(`{ release-managers: [${ADA}] }`);
const IDENTITY = `
  identity:
    issuer: https://login.example.test/tenant/v2.0
    clientId: client
    groups: { release-managers: "22222222" }`;
const withPolicy = (yaml: string, text = PROVEN): string =>
  change('    lockImages: true\n', `    lockImages: true\n    approvalPolicy: ${yaml}\n`, text);
const ruleOf = (text: string) => read(text).rulebook.environments['production']?.approval;

describe('when sluice.yaml says who may answer', () => {
  test('people have names, groups and keys, and one person may stand in several groups with several keys', () => {
    const yaml = `{ release-managers: [${ADA}], security: [{ name: Ada, key: keys/ada-p256.pub, aliases: [ada@example.test] }] }`;
    const { approvers } = read(withApprovers(yaml));
    assert.ok(approvers.kind === 'proven');
    const [ada, ...nobody] = approvers.people;
    assert.deepEqual(nobody, []);
    assert.deepEqual(
      [ada?.name, ada?.groups, ada?.aliases, ada?.keys.length],
      ['ada', ['release-managers', 'security'], ['ada@example.test'], 2],
    );
  });

  test('they may stand in a file of their own, with keys relative to it', () => {
    const { approvers } = read(withApprovers('{ file: people/approvers.yaml }'));
    assert.ok(approvers.kind === 'proven');
    assert.deepEqual(
      approvers.people.map((one) => [one.name, one.groups]),
      [['ada', ['release-managers']]],
    );
  });

  test('an identity provider has its groups by name, and the client id as audience unless it says otherwise', () => {
    const { approvers } = read(change('\n  approvers: unproven', IDENTITY));
    assert.ok(approvers.kind === 'proven');
    assert.deepEqual(approvers.identity, {
      issuer: 'https://login.example.test/tenant/v2.0',
      clientId: 'client',
      audience: 'client',
      groupsClaim: 'groups',
      groups: { 'release-managers': '22222222' },
    });
  });

  test('names are taken on trust where it says so, and a configuration that asks nobody needs no approvers', () => {
    assert.deepEqual(read(GOOD).approvers, { kind: 'unproven' });
    const quiet = change('    approvals: [{ required: 2, from: [release-managers], expiresAfter: 12h }]\n', '');
    assert.deepEqual(read(change('  approvers: unproven\n', '', quiet)).approvers, { kind: 'proven', people: [] });
  });

  test('who may answer is part of the version of the policy', () => {
    const texts = [
      GOOD,
      PROVEN,
      withApprovers(`{ release-managers: [${ADA}, { name: bob, key: keys/ada-p256.pub }] }`),
    ];
    assert.equal(new Set(texts.map((text) => read(text).rulebook.policyVersion)).size, texts.length);
  });
});

describe('when sluice.yaml has a policy of approvals', () => {
  test('what is not written is not in the rule', () => {
    assert.deepEqual(ruleOf(PROVEN), {
      required: 2,
      from: ['release-managers'],
      notRequester: true,
      deadlineMs: 43_200_000,
    });
  });

  test('several entries are several groups, and every part of the policy arrives in milliseconds', () => {
    const yaml =
      '{ order: in-order, goodFor: 8h, remindEvery: 4h, widen: { after: 6h, to: [on-call] }, atDeadline: defer, voidOn: [content, baseline] }';
    const approvers = `{ release-managers: [${ADA}], security: [${ADA}], on-call: [${ADA}] }`;
    const two = change('12h }]', '12h }, { from: [security], not: [] }]', withApprovers(approvers));
    assert.deepEqual(ruleOf(withPolicy(yaml, two)), {
      required: 2,
      from: ['release-managers'],
      notRequester: true,
      deadlineMs: 43_200_000,
      further: [{ required: 1, from: ['security'], notRequester: false }],
      order: 'in-order',
      goodForMs: 28_800_000,
      remindEveryMs: 14_400_000,
      widen: { afterMs: 21_600_000, to: ['on-call'] },
      atDeadline: 'defer',
      voidOn: ['content', 'baseline'],
    });
  });
});

describe('when the example of docs/approvals.md is taken', () => {
  test('it is a configuration without mistakes, and every part of it arrives', () => {
    const page = readFileSync(new URL('../../../docs/approvals.md', import.meta.url), 'utf8');
    const { rulebook, approvers } = read(/```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
    const rule = rulebook.environments['production']?.approval;
    assert.deepEqual(
      [rule?.required, rule?.notRequester, rule?.notAuthor, rule?.further?.[0]?.from, rule?.order, rule?.atDeadline],
      [2, true, true, ['security'], 'in-order', 'defer'],
    );
    assert.deepEqual([rule?.voidOn, rule?.widen?.to], [['content', 'baseline'], ['on-call']]);
    assert.deepEqual(rulebook.authors?.[0]?.at, ['/buildDefinition/internalParameters/github/actor']);
    assert.ok(approvers.kind === 'proven');
    assert.deepEqual(
      approvers.people.map((one) => [one.name, one.groups]),
      [
        ['ada', ['release-managers']],
        ['grace', ['release-managers', 'on-call']],
      ],
    );
    assert.deepEqual(Object.keys(approvers.identity?.groups ?? {}), ['release-managers', 'security']);
  });
});

const AUTHORS = "authors: [{ predicateType: 'https://slsa.dev/provenance/v1', at: [/build/actor] }]";
const withAuthors = (yaml: string, text = PROVEN): string => change('trust:\n', `trust:\n  ${yaml}\n`, text);
const notAuthor = (text: string): string =>
  change('expiresAfter: 12h', 'not: [requester, author], expiresAfter: 12h', text);

describe('when who made an image may not approve it', () => {
  test('the rule says so, and the rulebook where provenance names them', () => {
    const text = notAuthor(withAuthors(AUTHORS));
    const rule = ruleOf(text);
    assert.deepEqual([rule?.notRequester, rule?.notAuthor], [true, true]);
    const authors = [{ predicateType: 'https://slsa.dev/provenance/v1', at: ['/build/actor'] }];
    assert.deepEqual(read(text).rulebook.authors, authors);
  });

  test('where they are named is part of the version of the policy', () => {
    const texts = [PROVEN, withAuthors(AUTHORS), withAuthors(AUTHORS.replace('actor', 'author'))];
    assert.equal(new Set(texts.map((text) => read(text).rulebook.policyVersion)).size, texts.length);
  });
});

describe('when approvals are written wrongly', () => {
  const cases: readonly (readonly [title: string, text: string, expected: RegExp])[] = [
    [
      'nobody proves anything',
      change('  approvers: unproven\n', ''),
      /:11:5 environments\.production\.approvals: people are asked, and nothing says how they prove .*; write trust\.approvers/,
    ],
    [
      'nothing says who made an image',
      notAuthor(PROVEN),
      /environments\.production\.approvals\[0\]\.not: nothing says who made an image; say under "trust\.authors"/,
    ],
    [
      'a place that is no JSON Pointer',
      withAuthors(AUTHORS.replace('/build/actor', 'build.actor')),
      /trust\.authors\[0\]\.at\[0\]: /,
    ],
    ['a word that is none', withApprovers('trusted'), /trust\.approvers: expected/],
    [
      'a group that nobody is in',
      withApprovers(`{ release-manager: [${ADA}] }`),
      /:11:39 environments\.production\.approvals\[0\]\.from\[0\]: nobody can prove to be in "release-managers" \(did you mean "release-manager"\?\)/,
    ],
    [
      'a group that the provider does not name',
      change('\n  approvers: unproven', IDENTITY.replace('release-managers', 'others')),
      /approvals\[0\]\.from\[0\]: nobody can prove to be in "release-managers".*known: others/,
    ],
    ['widening to nobody', withPolicy('{ widen: { after: 1h, to: [ghosts] } }'), /widen\.to\[0\]: nobody can prove/],
    [
      'a lost key',
      withApprovers('{ release-managers: [{ name: ada, key: keys/lost.pub }] }'),
      /approvers\.release-managers\[0\]\.key: cannot use \/repo\/keys\/lost\.pub: no such file; /,
    ],
    [
      'a private key',
      withApprovers('{ release-managers: [{ name: ada, key: keys/private.pem }] }'),
      /private key, which has no place here/,
    ],
    [
      'something that is no key',
      withApprovers('{ release-managers: [{ name: ada, key: keys/nonsense.pub }] }'),
      /cannot use \/repo\/keys\/nonsense\.pub/,
    ],
    [
      'a key of another kind',
      withApprovers('{ release-managers: [{ name: ada, key: keys/rsa.pub }] }'),
      /neither an Ed25519 nor a P-256 key/,
    ],
    [
      'one key for two people',
      withApprovers(`{ release-managers: [${ADA}, { name: bob, key: keys/ada.pub }] }`),
      /"bob" and "ada" have the same key; give each their own/,
    ],
    ['a group without people', withApprovers('{ release-managers: [] }'), /trust\.approvers\.release-managers: /],
    [
      'a lost file of people',
      withApprovers('{ file: lost.yaml }'),
      /approvers\.file: cannot use \/repo\/lost\.yaml: no such file/,
    ],
    [
      'a file of people with a lost key',
      withApprovers('{ file: people/lost-key.yaml }'),
      /^lost-key\.yaml:2:\d+ release-managers\[0\]\.key: cannot use \/repo\/people\/ada\.pub: no such file/m,
    ],
    [
      'a file of people of another shape',
      withApprovers('{ file: people/wrong.yaml }'),
      /^wrong\.yaml:2:\d+ release-managers\[0\]/m,
    ],
    ['a file of people that is no YAML', withApprovers('{ file: people/broken.yaml }'), /^broken\.yaml:1:\d+/m],
    [
      'names on trust beside a provider',
      change('\n  approvers: unproven', `\n  approvers: unproven${IDENTITY}`),
      /trust\.approvers: with "unproven" every name is taken on trust/,
    ],
    [
      'an issuer in clear',
      change('\n  approvers: unproven', IDENTITY.replace('https:', 'http:')),
      /identity\.issuer: the issuer is no https:\/\/ address/,
    ],
    [
      'two deadlines',
      change('12h }]', '12h }, { from: [release-managers], expiresAfter: 1h }]'),
      /approvals\[1\]\.expiresAfter: one question has one deadline, and another entry says 12h/,
    ],
    [
      'a policy and no question',
      change(
        '    approvals: [{ required: 2, from: [release-managers], expiresAfter: 12h }]\n',
        '    approvalPolicy: { goodFor: 1h }\n',
      ),
      /approvalPolicy: there is a policy of approvals and nobody is asked/,
    ],
    [
      'widening after the end',
      withPolicy('{ widen: { after: 12h, to: [release-managers] } }'),
      /widen\.after: it would widen when the question is over/,
    ],
    [
      'reminders every second',
      withPolicy('{ remindEvery: 1s }'),
      /remindEvery: reminders more often than once a minute/,
    ],
    [
      'answers that outlive the content',
      withPolicy('{ voidOn: [baseline] }'),
      /voidOn: another content always makes answers worthless/,
    ],
    ['an unknown order', withPolicy('{ order: random }'), /approvalPolicy\.order: expected/],
    ['a misspelt key', withPolicy('{ godFor: 1h }'), /unknown key "godFor" \(did you mean "goodFor"\?\)/],
  ];
  for (const [title, text, expected] of cases) {
    test(`refuses ${title}`, () => assert.match(problemsOf(text).join('\n'), expected));
  }

  test('all mistakes come at once', () => {
    const text = withPolicy(
      '{ remindEvery: 1s, voidOn: [baseline] }',
      withApprovers('{ others: [{ name: ada, key: keys/lost.pub }] }'),
    );
    assert.equal(problemsOf(text).length, 4, problemsOf(text).join('\n'));
  });
});
