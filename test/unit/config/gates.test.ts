import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { daysOf, weeklyWindows } from '../../../src/config/gate-days.ts';
import { CALENDAR, GOOD, problemsOf, read } from './written.ts';

const withGates = (gates: string, environment: 'production' | 'dev' = 'production'): string =>
  environment === 'production'
    ? GOOD.replace('lockImages: true', `gates: [${gates}]`)
    : GOOD.replace('  production:\n', `    gates: [${gates}]\n  production:\n`);

const STAGING = `    registry: { acr: onestreamstaging, resourceGroup: r, subscription: s }
    cluster: { simulated: true }
`;

const gatesOf = (gates: string) => read(withGates(gates)).rulebook.environments['production']?.gates;

describe('when gates are written', () => {
  test('each kind is read, with a name of its own', () => {
    const gates = gatesOf(`
      { soak: { in: dev, for: 30m } },
      { freeze: { calendar: freezes.ics, zone: Europe/Berlin, override: [release-managers] } },
      { freeze: { zone: Europe/Berlin, days: Fri-Sun, from: "16:00", to: "09:00" } },
      { freeze: { name: audit, zone: UTC, start: "2026-12-01T00:00", end: "2026-12-02T00:00Z", services: [iam] } },
      { hours: { zone: America/New_York, days: Mon-Thu, from: "09:00", to: "16:00" } },
      { order: {} },
      { ticket: { pattern: "[A-Z]+-[0-9]+" } },
      { expression: { cel: 'ticket != ""', because: "a ticket is needed" } },
      { external: { name: board, url: "https://board.example.test/ask", secretFrom: { file: secrets/board } } }`);
    assert.deepEqual(gates, [
      { kind: 'soak', name: 'soak', in: 'dev', forMs: 1_800_000 },
      {
        kind: 'freeze',
        name: 'freeze',
        override: { from: ['release-managers'] },
        windows: [{ form: 'calendar', file: 'freezes.ics', ics: CALENDAR, zone: 'Europe/Berlin' }],
      },
      {
        kind: 'freeze',
        name: 'freeze-2',
        windows: [{ form: 'weekly', zone: 'Europe/Berlin', days: ['Fri', 'Sat', 'Sun'], from: '16:00', to: '09:00' }],
      },
      {
        kind: 'freeze',
        name: 'audit',
        windows: [{ form: 'dated', zone: 'UTC', start: '2026-12-01T00:00', end: '2026-12-02T00:00Z' }],
        services: ['iam'],
      },
      {
        kind: 'hours',
        name: 'hours',
        zone: 'America/New_York',
        days: ['Mon', 'Tue', 'Wed', 'Thu'],
        from: '09:00',
        to: '16:00',
      },
      { kind: 'order', name: 'order' },
      { kind: 'ticket', name: 'ticket', pattern: '[A-Z]+-[0-9]+' },
      { kind: 'expression', name: 'expression', expression: 'ticket != ""', because: 'a ticket is needed' },
      { kind: 'external', name: 'board', url: 'https://board.example.test/ask' },
    ]);
  });

  test('an external one is asked with a secret that is only named, and the secret is no part of the policy', () => {
    const external = (secret: string, more = '') =>
      read(withGates(`{ external: { url: "https://board.test", secretFrom: { ${secret} }${more} } }`));
    const { environments, rulebook } = external('variable: BOARD_SECRET', ', timeout: 2s');
    assert.deepEqual(environments['production']?.checks, [
      {
        gate: 'external',
        url: 'https://board.test',
        secret: { kind: 'variable', name: 'BOARD_SECRET' },
        timeoutMs: 2_000,
      },
    ]);
    assert.deepEqual(environments['dev']?.checks, []);
    assert.equal(external('file: secret').environments['production']?.checks[0]?.timeoutMs, 10_000);
    assert.equal(external('file: secret').rulebook.policyVersion, rulebook.policyVersion);
  });

  test('they are part of the version of the policy; an empty list is not', () => {
    const version = (text: string) => read(text).rulebook.policyVersion;
    const none = GOOD.replace('    lockImages: true\n', '');
    assert.notEqual(version(withGates('{ order: {} }')), version(none));
    assert.notEqual(version(withGates('{ order: {} }')), version(withGates('{ ticket: { pattern: A } }')));
    assert.equal(version(withGates('')), version(none));
  });
});

describe('when services are grouped', () => {
  const FREEZE = '{ freeze: { zone: UTC, from: Fri 16:00, to: Mon 09:00, services: [payments, iam] } }';
  const grouped = (groups: string, gate = FREEZE): string =>
    withGates(gate).replace('iam: {}', 'iam: {}\n  billing: {}\n  ledger: {}').concat(`serviceGroups: ${groups}\n`);
  const servicesOf = (text: string) => {
    const [gate] = read(text).rulebook.environments['production']?.gates ?? [];
    return gate?.kind === 'freeze' ? gate.services : undefined;
  };

  test('a gate that names the group concerns each of its services, once', () => {
    assert.deepEqual(servicesOf(grouped('{ payments: [billing, ledger, iam] }')), ['billing', 'ledger', 'iam']);
  });

  test('another group is another policy, and one that no gate names is none', () => {
    const version = (text: string) => read(text).rulebook.policyVersion;
    const one = grouped('{ payments: [billing] }');
    assert.notEqual(version(one), version(grouped('{ payments: [billing, ledger] }')));
    assert.equal(version(one), version(grouped('{ payments: [billing], others: [ledger] }')));
  });

  for (const [title, groups, expected] of [
    [
      'a group that is none',
      '{ pay: [billing] }',
      /gates\[0\]\.freeze\.services\[0\]: there is no service or group of services "payments".*known: iam, billing, ledger, pay/,
    ],
    [
      'a service in it that is none',
      '{ payments: [biling] }',
      /^sluice\.yaml:\d+:\d+ serviceGroups\.payments\[0\]: there is no service "biling" \(did you mean "billing"\?\); known: /,
    ],
    [
      'the name of a service',
      '{ payments: [billing], iam: [ledger] }',
      /serviceGroups\.iam: "iam" is a service already; give the group another name/,
    ],
    [
      'a name that every object has',
      '{ payments: [billing], constructor: [constructor] }',
      /serviceGroups\.constructor\[0\]: there is no service "constructor"/,
    ],
    ['an empty group', '{ payments: [] }', /serviceGroups\.payments: expected at least 1/],
  ] as const) {
    test(`${title} is named, with its line and what to do`, () => {
      const problems = problemsOf(grouped(groups));
      assert.ok(
        problems.some((one) => expected.test(one)),
        problems.join('\n'),
      );
    });
  }

  test('weekly freezes of a group that leave no pause are named', () => {
    const week = '{ freeze: { zone: UTC, from: Mon 00:00, to: Sun 23:59, services: [payments] } }';
    const rest = '{ freeze: { zone: UTC, from: Sun 23:00, to: Mon 01:00, services: [billing] } }';
    const problems = problemsOf(grouped('{ payments: [billing, ledger] }', `${week}, ${rest}`));
    assert.match(problems.join(), /never end for billing$|never end for billing;/);
  });
});

describe('when the example of docs/gates.md is taken', () => {
  test('it is a configuration without mistakes', () => {
    const page = readFileSync(new URL('../../../docs/gates.md', import.meta.url), 'utf8');
    const yaml = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    assert.match(yaml, /^gates:/);
    const text = GOOD.replace('    lockImages: true\n', `${yaml.trimEnd().replaceAll(/^/gm, '    ')}\n`)
      .replace('[dev, production]', '[dev, staging, production]')
      .replace('  production:\n', `  staging:\n${STAGING}  production:\n`);
    assert.deepEqual(problemsOf(text), []);
  });
});

describe('when days are written', () => {
  for (const [text, days] of [
    ['Mon-Thu', 'Mon Tue Wed Thu'],
    ['Fri-Mon', 'Mon Fri Sat Sun'],
    ['Wed, Mon', 'Mon Wed'],
    ['Mon-Tue,Tue-Wed', 'Mon Tue Wed'],
    ['Sun', 'Sun'],
  ] as const) {
    test(`${text} is ${days}`, () => assert.equal(daysOf(text).join(' '), days));
  }

  for (const [from, to, windows] of [
    ['Fri 16:00', 'Mon 09:00', ['Fri 16:00-00:00', 'Sat,Sun 00:00-00:00', 'Mon 00:00-09:00']],
    ['Fri 16:00', 'Sat 00:00', ['Fri 16:00-00:00']],
    ['Fri 16:00', 'Fri 18:00', ['Fri 16:00-18:00']],
    ['Fri 16:00', 'Fri 15:00', ['Fri 16:00-00:00', 'Sat,Sun,Mon,Tue,Wed,Thu 00:00-00:00', 'Fri 00:00-15:00']],
  ] as const) {
    test(`${from} to ${to} is one stretch`, () => {
      const found = weeklyWindows({ zone: 'UTC', from, to });
      assert.deepEqual(
        found.map((one) => `${one.days.join(',')} ${one.from}-${one.to}`),
        windows,
      );
    });
  }
});

describe('when gates have mistakes', () => {
  const week = 'zone: Europe/Berlin, days: Fri';

  test('a misspelt kind is one mistake: nobody knows what else it lacks', () => {
    for (const kind of ['freze', 'stop', 'sok']) {
      const problems = problemsOf(withGates(`{ ${kind}: { in: dev } }`));
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', new RegExp(`unknown key "${kind}"`));
    }
  });

  const cases: readonly (readonly [title: string, gates: string, expected: RegExp])[] = [
    ['a gate of no kind', '{ sook: { in: dev, for: 30m } }', /unknown key "sook" \(did you mean "soak"\?\)/],
    ['a gate that is no mapping', 'order', /gates\[0\]/],
    ['two kinds in one gate', '{ order: {}, ticket: { pattern: A } }', /unknown key/],
    ['an order of nothing', '{ order: }', /gates\[0\]\.order: expected a mapping, got nothing; .*"order: \{\}"/],
    ['a soak without a time', '{ soak: { in: dev } }', /soak\.for: "for" is missing/],
    [
      'a soak in no environment',
      '{ soak: { in: dve, for: 30m } }',
      /gates\[0\]\.soak\.in: .*"dve" \(did you mean "dev"\?\); known: dev/,
    ],
    ['a soak in itself', '{ soak: { in: production, for: 30m } }', /cannot wait for itself/],
    [
      'an unknown zone',
      `{ hours: { zone: Europe/Berln, days: Mon, from: "09:00", to: "16:00" } }`,
      /hours\.zone: there is no time zone "Europe\/Berln"/,
    ],
    [
      'an unknown zone of a freeze',
      '{ freeze: { zone: Mars, days: Mon, from: "09:00", to: "16:00" } }',
      /freeze\.zone: there is no time zone "Mars"/,
    ],
    [
      'an external check without https',
      '{ external: { url: "http://a.test", secretFrom: { variable: A } } }',
      /external\.url: "url" is no https:\/\/ address; write https:\/\//,
    ],
    [
      'an external check with a token in its address',
      '{ external: { url: "https://a.test?token=x", secretFrom: { variable: A } } }',
      /the address holds a secret \("token"\); the signature says who asks/,
    ],
    ['an external check that nobody signs', '{ external: { url: "https://a.test" } }', /"secretFrom" is missing/],
    [
      'a secret in the place of its name',
      '{ external: { url: "https://a.test", secretFrom: { variable: whsec_AAAA } } }',
      /external\.secretFrom\.variable: .*the secret itself has no place here/,
    ],
    [
      'an external check that may take a minute',
      '{ external: { url: "https://a.test", secretFrom: { variable: A }, timeout: 1m } }',
      /external\.timeout: write 15s or less; whoever needs longer answers "wait"/,
    ],
    ['a window of no length', `{ freeze: { ${week}, from: "09:00", to: "09:00" } }`, /"from" and "to" are the same/],
    ['hours of no length', `{ hours: { ${week}, from: "09:00", to: "09:00" } }`, /"from" and "to" are the same/],
    ['a time that is none', `{ hours: { ${week}, from: "09:00", to: "24:00" } }`, /hours\.to: expected .*got "24:00"/],
    [
      'a day that is none',
      '{ hours: { zone: UTC, days: Mo-Fr, from: "09:00", to: "16:00" } }',
      /hours\.days: .*got Mo-Fr/,
    ],
    ['days in two places', `{ freeze: { ${week}, from: "Fri 09:00", to: "Mon 09:00" } }`, /days stand either in/],
    ['days nowhere', '{ freeze: { zone: UTC, from: "09:00", to: "16:00" } }', /days stand either in/],
    ['a day in one place', '{ freeze: { zone: UTC, from: "Fri 09:00", to: "16:00" } }', /days stand either in/],
    [
      'a dated freeze that ends before it starts',
      '{ freeze: { zone: UTC, start: "2026-12-02T00:00", end: "2026-12-01T00:00" } }',
      /freeze\.end: it ends before/,
    ],
    [
      'a day that does not exist',
      '{ freeze: { zone: UTC, start: "2026-02-30T00:00", end: "2026-12-01T00:00" } }',
      /there is no time "2026-02-30T00:00"/,
    ],
    [
      'a freeze of a lifetime',
      '{ freeze: { zone: UTC, start: "2026-12-02T00:00", end: "9999-12-01T00:00" } }',
      /more than 366 days/,
    ],
    [
      'a dated freeze without an end',
      '{ freeze: { zone: UTC, start: "2026-12-02T00:00" } }',
      /freeze\.end: "end" is missing/,
    ],
    [
      'a service that is none',
      `{ freeze: { ${week}, from: "09:00", to: "16:00", services: [aim] } }`,
      /services\[0\]: .*"aim" \(did you mean "iam"\?\)/,
    ],
    [
      'two gates of one name',
      '{ order: {} }, { ticket: { name: order, pattern: A } }',
      /two gates of "production" are called "order"/,
    ],
    [
      'a name that counts already',
      '{ ticket: { name: order-2, pattern: A } }, { order: {} }, { order: {} }',
      /called "order-2"/,
    ],
    [
      'a pattern that could take for ever',
      '{ ticket: { pattern: "(a+)+" } }',
      /ticket\.pattern: .*must not be repeated/,
    ],
    [
      'an expression with an unknown fact',
      '{ expression: { cel: "servce == \'iam\'", because: x } }',
      /expression\.cel: .*Unknown variable: servce/,
    ],
    [
      'an expression that does not end',
      '{ expression: { cel: "running.all(a, running.all(b, running.all(c, true)))", because: x } }',
      /more than 2/,
    ],
    [
      'a calendar that is not there',
      '{ freeze: { calendar: lost.ics } }',
      /freeze\.calendar: cannot use \/repo\/lost\.ics: no such file/,
    ],
    ['a calendar that is none', '{ freeze: { calendar: nonsense.ics } }', /no iCalendar file/],
    ['a calendar without end', '{ freeze: { calendar: always.ics, zone: UTC } }', /would never end/],
    ['a calendar of local days without a zone', '{ freeze: { calendar: freezes.ics } }', /say in which "zone"/],
    ['a calendar that is too long', '{ freeze: { calendar: huge.ics } }', /longer than 1 MiB/],
    ['an override by nobody', '{ order: { override: [] } }', /override: expected at least 1/],
  ];
  for (const [title, gates, expected] of cases) {
    test(`${title} is named`, () => {
      const problems = problemsOf(withGates(gates));
      assert.ok(
        problems.some((problem) => expected.test(problem)),
        problems.join('\n') || 'no problem was found',
      );
      for (const problem of problems) assert.match(problem, /^sluice\.yaml:\d+:\d+ environments\.production\.gates/);
    });
  }

  test('a soak later on the path is named, also on the path of one service', () => {
    assert.match(problemsOf(withGates('{ soak: { in: production, for: 1h } }', 'dev')).join(), /comes after "dev"/);
    const own = withGates('{ soak: { in: dev, for: 1h } }').replace('iam: {}', 'iam: { path: [production, dev] }');
    assert.match(problemsOf(own).join(), /"dev" comes after "production"/);
  });

  test('weekly freezes that leave no pause together are named', () => {
    const freeze = (from: string, to: string, more = '') =>
      `{ freeze: { zone: UTC, from: ${from}, to: ${to}${more} } }`;
    const most = freeze('Mon 00:00', 'Sun 23:59');
    assert.deepEqual(problemsOf(withGates(most)), [], 'a minute is a pause');
    const both = `${most}, ${freeze('Sun 23:00', 'Mon 01:00')}`;
    assert.match(problemsOf(withGates(both)).join(), /gates: the weekly freezes of "production" never end for iam/);
    const apart = `${most}, ${freeze('Sun 23:00', 'Mon 01:00', ', services: [billing]')}`;
    assert.deepEqual(problemsOf(withGates(apart).replace('iam: {}', 'iam: {}\n  billing: {}')).length, 1);
  });

  test('all of them are reported at once', () => {
    const gates =
      '{ soak: { in: dve, for: 30 } }, { freeze: { calendar: lost.ics } }, { hours: { zone: X, days: Mon, from: "1", to: "2" } }';
    assert.equal(problemsOf(withGates(gates)).length, 6, problemsOf(withGates(gates)).join('\n'));
  });
});
