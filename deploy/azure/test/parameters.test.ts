import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { CLOUDS } from '../parameters/clouds.ts';
import { ParameterError, readParameters } from '../parameters/read.ts';
import { exampleText } from './example.ts';

type Tree = Record<string, any>;

/** What is said of the example after a change. */
function problems(change: (written: Tree) => void): readonly string[] {
  const written = parse(exampleText()) as Tree;
  change(written);
  try {
    readParameters('parameters.yaml', stringify(written));
  } catch (error) {
    if (error instanceof ParameterError) return error.problems;
    throw error;
  }
  return [];
}

describe('when parameters are read', () => {
  test('the example is good', () => {
    assert.deepEqual(
      problems(() => undefined),
      [],
    );
  });

  const bad: readonly (readonly [string, (written: Tree) => void, RegExp])[] = [
    ['a parameter that is missing', (one) => delete one['tenant'], /^tenant: is missing$/],
    ['a key that nobody knows', (one) => (one['regoin'] = 'eastus2'), /regoin/],
    [
      'a region that the cloud has not',
      (one) => (one['location'] = 'eastus9'),
      /^location: eastus9 is no region of the cloud public; expected one of /,
    ],
    [
      'zone redundancy where there are no zones',
      (one) => (one['environments'].staging.location = 'westus'),
      /^environments\.staging\.location: westus has no availability zones; write registry\.zoneRedundant: false/,
    ],
    [
      'two environments in one registry',
      (one) => (one['environments'].staging.registry.name = 'onestreamdev'),
      /^environments\.staging: the same registry onestreamdev as dev; each environment has its own/,
    ],
    [
      'two environments in one resource group',
      (one) => {
        one['environments'].staging.subscription = one['environments'].dev.subscription;
        one['environments'].staging.resourceGroup = 'ONESTREAM-DEV-RG';
      },
      /^environments\.staging: the same resource group onestream-dev-rg as dev/,
    ],
    [
      'a registry name that Azure refuses',
      (one) => (one['environments'].dev.registry.name = 'One-Stream'),
      /^environments\.dev\.registry\.name: expected a registry name/,
    ],
    [
      'an environment that is not on the path',
      (one) => (one['path'] = ['dev', 'production']),
      /^environments\.staging: it is not on the path/,
    ],
    [
      'an environment of the path that is nowhere',
      (one) => one['path'].push('canary'),
      /^path: canary is no environment of this file/,
    ],
    [
      'a service connection of another tenant',
      (one) =>
        (one['build'].azurePipelines.subject = one['build'].azurePipelines.subject.replace(
          'AAAAAAAAAECA',
          'MiSI_7AJe0O9',
        )),
      /^build\.azurePipelines\.subject: it is of another tenant .* is written AAAAAAAAAECAAAAAAAAAqg there$/,
    ],
    [
      'a service connection of the public cloud in another one',
      (one) => (one['cloud'] = 'china'),
      /^build\.azurePipelines\.subject: in the cloud china connections have a subject that begins with sc:\/\/$/,
    ],
    [
      'an issuer that nobody can tell',
      (one) => (one['build'].azurePipelines = { subject: 'sc://OneStreamPlatform/OneStreamPlatform/dev' }),
      /^build\.azurePipelines\.organisation: is missing; the issuer of an sc:\/\/ subject/,
    ],
    ['nobody who builds', (one) => (one['build'] = {}), /^build: nobody could push/],
    [
      'a pull request that would push',
      (one) => (one['build'].github.subject = 'repo:onestream/iam:pull_request'),
      /^build\.github\.subject: expected repo:<owner>/,
    ],
    [
      'every branch at once',
      (one) => (one['build'].github.subject = 'repo:onestream/iam:ref:refs/heads/*'),
      /^build\.github\.subject: expected repo:<owner>/,
    ],
    [
      'a client secret',
      (one) => (one['people'].auditors = 'abc8Q~abcdefghijklmnopqrstuvwxyz0123456'),
      /^people\.auditors: a client secret stands in the file/,
    ],
    [
      'a private key in a tag',
      (one) => (one['tags'].key = '-----BEGIN PRIVATE KEY-----'),
      /^tags\.key: a private key stands in the file/,
    ],
    [
      'a connection string in a tag',
      (one) => (one['tags'].logs = 'AccountName=x;AccountKey=abc=='),
      /^tags\.logs: a connection string stands in the file/,
    ],
  ];
  for (const [name, change, says] of bad) {
    test(`${name} is found`, () => {
      const found = problems(change);
      assert.ok(
        found.some((one) => says.test(one)),
        found.join('\n') || 'nothing was found',
      );
    });
  }

  test('a tenant is written into a subject as Entra ID writes it', () => {
    // a GUID whose bytes show their order: 33 22 11 00, 55 44, 77 66, 88 99 …
    assert.deepEqual(
      problems((one) => {
        one['tenant'] = '00112233-4455-6677-8899-aabbccddeeff';
        one['build'].azurePipelines.subject =
          '/eid1/c/pub/t/MyIRAFVEd2aImaq7zN3u_w/a/rISbSSETf0KqFyZ8ppdXmA/sc/00000000-0000-4000-8000-0000000000af/00000000-0000-4000-8000-0000000000c1';
      }),
      [],
    );
  });

  test('everything that is wrong is said at once', () => {
    const found = problems((one) => {
      delete one['tenant'];
      one['environments'].dev.registry.name = 'x';
      one['tags'].token = `ghp_${'a'.repeat(36)}`;
    });
    assert.equal(found.length, 3, found.join('\n'));
  });

  test('the same key twice is a mistake, not the last one', () => {
    assert.throws(
      () => readParameters('parameters.yaml', `${exampleText()}\nprefix: other\n`),
      /Map keys must be unique/,
    );
  });

  test('each cloud has its own regions, and its zones are some of them', () => {
    for (const { regions, zonal } of Object.values(CLOUDS))
      assert.ok(zonal.every((zone) => (regions as readonly string[]).includes(zone)));
    const all = Object.values(CLOUDS).flatMap(({ regions }) => regions);
    assert.equal(new Set(all).size, all.length);
  });
});

describe('when parameters are checked from a shell', () => {
  const check = (...args: readonly string[]) =>
    spawnSync(process.execPath, [fileURLToPath(new URL('../parameters/check.ts', import.meta.url)), ...args], {
      encoding: 'utf8',
    });

  test('what would be made is listed, for people and for programs', () => {
    const file = fileURLToPath(new URL('../parameters/example.yaml', import.meta.url));
    const shown = check(file);
    assert.equal(shown.status, 0, shown.stderr);
    assert.match(shown.stdout, /azure-native:keyvault:Key +key-cosign/);
    const { resources, faults } = JSON.parse(check(file, '--json').stdout) as { resources: object[]; faults: object[] };
    assert.equal(resources.length, shown.stdout.trim().split('\n').length);
    assert.deepEqual(faults, []);
  });

  test('a bad file is refused before anything is made, with exit code 2', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sluice-azure-')), 'parameters.yaml');
    writeFileSync(file, exampleText().replace('eastus2', 'atlantis'));
    const { status, stdout, stderr } = check(file);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, /nothing was changed\n {2}- location: atlantis is no region/);
  });
});
