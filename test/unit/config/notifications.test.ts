import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readSecret } from '../../../src/config/secrets.ts';
import { GOOD, problemsOf, read } from './written.ts';

const SIGNED = 'secretFrom: { variable: SLUICE_OPS_SECRET }';
const HOOK = `{ name: ops, url: "https://hooks.example.test/ops", ${SIGNED} }`;
const withReceivers = (...receivers: readonly string[]): string =>
  `${GOOD}notifications:\n${receivers.map((one) => `  - ${one}\n`).join('')}`;

describe('notifications in sluice.yaml', () => {
  test('become who hears of what, and where that is; the policy stays the same one', () => {
    const { rulebook, receivers } = read(
      withReceivers(
        HOOK,
        '{ name: chat, format: slack, urlFrom: { file: secrets/slack }, environments: [production], services: [iam], on: [waiting, refused] }',
      ),
    );
    assert.deepEqual(rulebook.receivers, [
      { receiver: 'ops' },
      { receiver: 'chat', environments: ['production'], services: ['iam'], on: ['waiting', 'refused'] },
    ]);
    assert.deepEqual(receivers, [
      {
        name: 'ops',
        format: 'cloudevents',
        address: { kind: 'url', url: 'https://hooks.example.test/ops' },
        secret: { kind: 'variable', name: 'SLUICE_OPS_SECRET' },
      },
      { name: 'chat', format: 'slack', address: { kind: 'file', path: '/repo/secrets/slack' } },
    ]);
    assert.equal(rulebook.policyVersion, read(GOOD).rulebook.policyVersion);
  });

  test('are nobody when nothing is written', () => {
    const { rulebook, receivers } = read(GOOD);
    assert.deepEqual([rulebook.receivers, receivers], [undefined, []]);
  });

  test('may stay on this machine without https', () => {
    read(withReceivers('{ name: chat, format: slack, url: "http://127.0.0.1:9000/" }'));
  });

  const cases: readonly (readonly [title: string, receiver: string, expected: RegExp])[] = [
    ['an address without https', `{ name: ops, url: "http://a.test", ${SIGNED} }`, /\[0\]\.url: "url" is no https/],
    ['another scheme', `{ name: ops, url: "file:///etc/passwd", ${SIGNED} }`, /"url" is no https/],
    ['what is no address', `{ name: ops, url: ops, ${SIGNED} }`, /"url" is no https/],
    ['credentials in the address', `{ name: ops, url: "https://a:b@a.test", ${SIGNED} }`, /holds credentials.*urlFrom/],
    ['a token in the address', `{ name: ops, url: "https://a.test?Token=x", ${SIGNED} }`, /holds a secret \("Token"\)/],
    [
      'the address of Slack in the file',
      '{ name: ops, format: slack, url: "https://hooks.slack.com/services/T0/B0/X" }',
      /it is a secret; keep it in a variable/,
    ],
    ['no address', `{ name: ops, ${SIGNED} }`, /nothing says where it is; write "url"/],
    [
      'two addresses',
      `{ name: ops, url: "https://a.test", urlFrom: { variable: A }, ${SIGNED} }`,
      /the address stands in "url" already/,
    ],
    ['no secret', '{ name: ops, url: "https://a.test" }', /nothing signs what is sent there/],
    [
      'a secret nobody checks',
      `{ name: ops, format: teams, urlFrom: { variable: A }, ${SIGNED} }`,
      /checks no signature/,
    ],
    [
      'the secret itself in place of its name',
      '{ name: ops, url: "https://a.test", secretFrom: { variable: whsec_AAAA } }',
      /the secret itself has no place here/,
    ],
    [
      'the secret itself, without a prefix',
      '{ name: ops, url: "https://a.test", secretFrom: { variable: "a+b/c=" } }',
      /the secret itself has no place here/,
    ],
    [
      'two sources of one secret',
      '{ name: ops, url: "https://a.test", secretFrom: { variable: A, file: b } }',
      /unknown key/,
    ],
    [
      'an unknown environment',
      `{ name: ops, url: "https://a.test", ${SIGNED}, environments: [prodution] }`,
      /no environment "prodution" \(did you mean "production"/,
    ],
    [
      'an unknown service',
      `{ name: ops, url: "https://a.test", ${SIGNED}, services: [iem] }`,
      /no service "iem" \(did you mean "iam"/,
    ],
    [
      'an unknown event',
      `{ name: ops, url: "https://a.test", ${SIGNED}, on: [exploded] }`,
      /on\[0\]: expected .*"waiting"/,
    ],
    [
      'an unknown format',
      `{ name: ops, format: pager, url: "https://a.test", ${SIGNED} }`,
      /"cloudevents" or "slack" or "teams"/,
    ],
    ['a name that is none', `{ name: "Ops!", url: "https://a.test", ${SIGNED} }`, /\.name: expected the form/],
  ];
  for (const [title, receiver, expected] of cases) {
    test(`are refused with ${title}`, () => {
      const problems = problemsOf(withReceivers(receiver));
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', expected);
    });
  }

  test('are refused when two have one name', () => {
    assert.match(problemsOf(withReceivers(HOOK, HOOK)).join(), /\[1\]\.name: "ops" is the name of another receiver/);
  });

  test('do not repeat the address in a mistake about it', () => {
    const text = '{ name: ops, format: teams, url: "https://prod.logic.example.test/workflows/abc?sig=very-secret" }';
    assert.doesNotMatch(problemsOf(withReceivers(text)).join(), /very-secret/);
  });
});

describe('the example of docs/notifications.md', () => {
  test('is a configuration without mistakes', () => {
    const page = readFileSync(new URL('../../../docs/notifications.md', import.meta.url), 'utf8');
    const yaml = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    assert.match(yaml, /^notifications:/);
    assert.deepEqual(problemsOf(`${GOOD}${yaml}`), []);
  });
});

describe('a secret', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-secret-'));
  const file = (name: string, text: string): { kind: 'file'; path: string } => {
    writeFileSync(join(folder, name), text);
    return { kind: 'file', path: join(folder, name) };
  };

  test('is read from the file each time, without the line feed at its end', () => {
    const reference = file('a', 'one\n');
    assert.equal(readSecret(reference), 'one');
    writeFileSync(reference.path, 'two\n');
    assert.equal(readSecret(reference), 'two');
  });

  test('is not there when nothing, an empty or a huge file is', () => {
    const references = [
      file('empty', ' \n'),
      file('huge', 'x'.repeat(70_000)),
      { kind: 'file', path: folder },
      { kind: 'file', path: join(folder, 'none') },
      { kind: 'variable', name: 'SLUICE_NO_SUCH_VARIABLE' },
    ] as const;
    assert.deepEqual(
      references.map(readSecret),
      references.map(() => undefined),
    );
  });
});
