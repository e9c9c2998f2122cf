/** Reports in a folder: every one is read, and one that is not understood is told, for it may be the one that says no. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { readComparisons, readRehearsals } from '../../../src/migration/file/reports.ts';

const EQUAL = { service: 'iam', answer: 'equal', objects: [] };
const AT = '2026-12-01T03:15:00Z';
const atMs = Date.parse(AT);

function inFolder<Found>(files: Readonly<Record<string, unknown>>, read: (folder: string) => Found): Found {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-reports-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
    }
    return read(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('comparisons', () => {
  const found = { service: 'iam', environment: 'staging', answer: 'equal', atMs };
  for (const [name, files] of [
    ['say themselves of where and when they are', { 'a.json': { environment: 'staging', at: AT, services: [EQUAL] } }],
    ['have the moment in their name', { '2026-12-01T03-15-00Z.json': { environment: 'staging', services: [EQUAL] } }],
    ['have the environment in their folder', { 'staging/2026-12-01T03:15:00Z.json': [EQUAL] }],
    [
      'that lie there twice are one',
      {
        'staging/2026-12-01T03-15-00Z.json': [EQUAL],
        'a/b.json': { environment: 'staging', at: AT, services: [EQUAL] },
      },
    ],
  ] as const)
    test(name, () => assert.deepEqual(inFolder(files, readComparisons), { found: [found], problems: [] }));

  test('of the same second are in the order of their names', () => {
    const files = { 'dev/2026-12-01T03-15-00.250Z.json': [EQUAL] };
    assert.equal(inFolder(files, readComparisons).found[0]?.atMs, atMs + 250);
  });

  test('that contradict one another are both kept', () => {
    const no = { environment: 'staging', at: AT, services: [{ ...EQUAL, answer: 'different' }] };
    const files = { 'staging/2026-12-01T03-15-00Z.json': [EQUAL], 'b.json': no };
    assert.equal(inFolder(files, readComparisons).found.length, 2);
  });

  test('that are not understood are told, each of them', () => {
    const files = {
      'staging/one.json': [EQUAL],
      '2026-12-01T03-15-00Z.json': [EQUAL],
      'two.json': '{',
      'three.json': { environment: 'staging', at: AT, services: [{ service: 'iam', answer: 'fine' }] },
      'staging/2026-13-01T03-15-00Z.json': [EQUAL],
      'notes.txt': 'not looked at',
    };
    const { problems } = inFolder(files, readComparisons);
    assert.equal(problems.length, 5);
    assert.equal(problems.filter(({ message }) => message.startsWith('nobody can tell of which')).length, 3);
  });
});

describe('rehearsals', () => {
  const report = { service: 'iam', environment: 'staging', at: AT, ok: true, forReal: false, backMs: 3_000 };
  const found = { service: 'iam', environment: 'staging', atMs, ok: true, forReal: false };
  test('may have several in one file, and say more than is asked', () => {
    const files = { 'a.json': report, 'b.json': [{ ...report, ok: false }] };
    assert.deepEqual(inFolder(files, readRehearsals).found, [found, { ...found, ok: false }]);
  });

  test('that do not say whether they went well are no rehearsals', () => {
    const { ok: _, ...silent } = report;
    assert.match(inFolder({ 'a.json': silent }, readRehearsals).problems[0]?.message ?? '', /is not what/);
  });
});

test('a folder that is not there holds nothing', () => {
  assert.deepEqual(readComparisons('/no/such/folder'), { found: [], problems: [] });
});
