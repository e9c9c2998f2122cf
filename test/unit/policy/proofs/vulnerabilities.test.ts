import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProofVerdict, VulnerabilityRule } from '../../../../src/domain/proof.ts';
import { judgeStatements } from '../../../../src/policy/proofs/index.ts';
import type { Attestation } from '../../../../src/ports/signatures.ts';
import { gathered, NOW, stated } from './gathered.ts';
import { COSIGN, cosign, grype, IN_TOTO, inToto, trivy } from './reports.ts';

const DAY_MS = 86_400_000;
const RULE: VulnerabilityRule = {
  by: ['scanner'],
  noOlderThanMs: 7 * DAY_MS,
  most: { critical: 0, high: 1 },
  exceptions: [],
};
const exception = (id: string, until = '2026-12-31T00:00:00.000Z') => ({
  id,
  owner: 'ada',
  reason: 'not reachable',
  until,
});

function ago(ms: number): string {
  return new Date(NOW.getTime() - ms).toISOString();
}

const TODAY = ago(3_600_000);

function report(predicate: unknown, type = COSIGN): Attestation {
  return stated(type, predicate, 'scanner');
}

function judge(statements: readonly Attestation[], rule: Partial<VulnerabilityRule> = {}): ProofVerdict {
  const [verdict] = judgeStatements({ vulnerabilities: { ...RULE, ...rule } }, gathered(statements));
  return verdict as ProofVerdict;
}

function refused(verdict: ProofVerdict, message: RegExp): void {
  assert.equal(verdict.refusal?.code, 'vulnerabilities-refused');
  assert.match(`${verdict.refusal.message} | ${verdict.refusal.got}`, message);
  assert.ok(verdict.statements.length > 0);
}

describe('when a vulnerability report is judged', () => {
  const clean: Readonly<Record<string, Attestation>> = {
    'of Trivy': report(trivy(TODAY, { id: 'CVE-1', severity: 'HIGH' })),
    'of Trivy that found nothing to list': report(cosign(TODAY, 'trivy', { SchemaVersion: 2, ArtifactName: 'iam' })),
    'of Grype': report(grype(TODAY, { id: 'CVE-1', severity: 'High' }, { id: 'CVE-2', severity: 'Negligible' })),
    "in in-toto's form": report(
      inToto(TODAY, { id: 'CVE-1', severity: [{ method: 'nvd', score: 'medium' }] }),
      IN_TOTO,
    ),
    'that found nothing': report(inToto(TODAY), IN_TOTO),
  };
  for (const [what, one] of Object.entries(clean))
    test(`one ${what}, within the limits, is a yes`, () => {
      const verdict = judge([one]);
      assert.equal(verdict.answer, 'yes', JSON.stringify(verdict.refusal));
      assert.deepEqual(verdict.statements, [one.artefact.digest]);
    });

  test('more of a severity than the limit is refused, and the ids are named', () =>
    refused(
      judge([report(trivy(TODAY, { id: 'CVE-1', severity: 'HIGH' }, { id: 'CVE-2', severity: 'HIGH' }))]),
      /2 high.*CVE-1, CVE-2/,
    ));
  test('a severity without a limit is not counted', () =>
    assert.equal(
      judge([report(trivy(TODAY, ...['a', 'b', 'c'].map((id) => ({ id, severity: 'MEDIUM' }))))]).answer,
      'yes',
    ));
  test('a vulnerability in several packages counts once, as the gravest that it is anywhere', () => {
    const two = [
      { id: 'CVE-1', severity: 'HIGH' },
      { id: 'CVE-1', severity: 'LOW' },
    ];
    assert.equal(judge([report(trivy(TODAY, ...two, ...two))]).answer, 'yes');
    refused(judge([report(trivy(TODAY, ...two, { id: 'CVE-1', severity: 'CRITICAL' }))]), /1 critical/);
  });
  test('a word that nobody knows counts as the gravest', () =>
    refused(judge([report(trivy(TODAY, { id: 'CVE-1', severity: 'CATASTROPHIC' }))]), /1 critical/));
  test('what a scanner calls unknown counts where the rule says so', () => {
    const unknown = [report(trivy(TODAY, { id: 'CVE-1', severity: 'UNKNOWN' }))];
    assert.equal(judge(unknown).answer, 'yes');
    refused(judge(unknown, { most: { unknown: 0 } }), /1 unknown/);
  });
  test('of several methods the gravest counts, a CVSS score among them, and other numbers not', () => {
    const scored = (...severity: readonly unknown[]) =>
      judge([report(inToto(TODAY, { id: 'CVE-1', severity }), IN_TOTO)]);
    refused(scored({ method: 'nvd', score: 'low' }, { method: 'cvss_score', score: '9.8' }), /1 critical/);
    refused(scored({ method: 'cvss_v3', score: 9.1 }), /1 critical/);
    assert.equal(scored({ method: 'epss', score: '9.9' }, { method: 'nvd', score: 'low' }).answer, 'yes');
  });
  test('of an early form of in-toto the id is found in "vulnerability"', () =>
    refused(
      judge([
        report(
          inToto(TODAY, { vulnerability: { id: 'CVE-1', severity: { method: 'nvd', score: 'Critical' } } }),
          'https://in-toto.io/attestation/vulns/v0.1',
        ),
      ]),
      /CVE-1/,
    ));
});

describe('when a vulnerability report was made', () => {
  test('it counts until it is as old as the rule allows, and not a moment longer', () => {
    assert.equal(judge([report(trivy(ago(7 * DAY_MS)))]).answer, 'yes');
    refused(judge([report(trivy(ago(7 * DAY_MS + 1)))]), /too old.*2026-11-23T11:59:59/);
  });
  test('it may be ahead of the clock by a minute, and by no more', () => {
    assert.equal(judge([report(trivy(ago(-60_000)))]).answer, 'yes');
    refused(judge([report(trivy(ago(-60_001)))]), /in the future/);
  });
  test('the newest one counts: an old good one does not help, and an old bad one does no harm', () => {
    const good = (at: string) => report(trivy(at));
    const bad = (at: string) => report(trivy(at, { id: 'CVE-1', severity: 'CRITICAL' }));
    refused(judge([good(ago(2 * DAY_MS)), bad(ago(DAY_MS))]), /CVE-1/);
    assert.equal(judge([bad(ago(2 * DAY_MS)), good(ago(DAY_MS))]).answer, 'yes');
  });
  test('two of the same moment both count', () =>
    refused(judge([report(trivy(TODAY)), report(grype(TODAY, { id: 'CVE-1', severity: 'Critical' }))]), /CVE-1/));
  test('times are compared as moments, whatever their offset', () => {
    const later = report(trivy('2026-11-30T12:30:00+01:00', { id: 'CVE-1', severity: 'CRITICAL' }));
    refused(judge([later, report(trivy('2026-11-30T11:29:00Z'))]), /CVE-1/);
  });
  test('one by somebody else is not the newest', () => {
    const stranger = stated(COSIGN, trivy(TODAY), 'builder');
    refused(judge([stranger, report(trivy(ago(DAY_MS), { id: 'CVE-1', severity: 'CRITICAL' }))]), /CVE-1/);
  });
  for (const at of ['', 'yesterday', '2026-11-30', '2026-11-30T10:00:00', '2026-13-45T99:00:00Z'])
    test(`"${at}" is no time: the report cannot be the newest, and alone it is refused`, () => {
      assert.equal(judge([report(trivy(at))]).refusal?.code, 'statement-unreadable');
      refused(judge([report(trivy(at)), report(trivy(TODAY, { id: 'CVE-1', severity: 'CRITICAL' }))]), /CVE-1/);
    });
});

describe('when a report is not understood', () => {
  const odd: Readonly<Record<string, unknown>> = {
    'no result': cosign(TODAY, 'x', undefined),
    'a result that is null': cosign(TODAY, 'x', null),
    'a result of an unknown shape': cosign(TODAY, 'x', { vulnerabilities: [] }),
    'a text in place of a result': cosign(TODAY, 'x', 'clean'),
    'results that are no list': cosign(TODAY, 'x', { SchemaVersion: 2, Results: {} }),
    'vulnerabilities that are no list': cosign(TODAY, 'x', { SchemaVersion: 2, Results: [{ Vulnerabilities: {} }] }),
    'an entry without an id': inToto(TODAY, { severity: 'low' }),
    'entries that are no objects': inToto(TODAY, 'CVE-1'),
  };
  for (const [what, predicate] of Object.entries(odd))
    test(`${what}: it says nothing, and is refused`, () => {
      const { refusal } = judge([report(predicate)]);
      assert.equal(refusal?.code, 'statement-unreadable');
    });
  test('an older one that is understood does not take its place', () => {
    const { refusal } = judge([report(cosign(TODAY, 'x', null)), report(trivy(ago(DAY_MS)))]);
    assert.equal(refusal?.code, 'statement-unreadable');
  });
});

describe('when somebody answers for a vulnerability', () => {
  const bad = report(trivy(TODAY, { id: 'CVE-1', severity: 'CRITICAL' }));

  test('it does not count, and the verdict says so', () => {
    const verdict = judge([bad], { exceptions: [exception('CVE-1')] });
    assert.equal(verdict.answer, 'yes');
    assert.match(verdict.reason, /without CVE-1 by exception/);
  });
  test('another one does', () => refused(judge([bad], { exceptions: [exception('CVE-11')] }), /CVE-1/));
  test('by another of its names as well', () => {
    const ghsa = report(grype(TODAY, { id: 'GHSA-1', severity: 'Critical', related: 'CVE-1' }));
    assert.equal(judge([ghsa], { exceptions: [exception('CVE-1')] }).answer, 'yes');
  });
  test('from the moment on at which the exception ends it counts again, and the verdict says whose it was', () => {
    assert.equal(judge([bad], { exceptions: [exception('CVE-1', ago(-1))] }).answer, 'yes');
    refused(
      judge([bad], { exceptions: [exception('CVE-1', NOW.toISOString())] }),
      /exception of ada for CVE-1 ended at 2026-11-30T12:00:00/,
    );
  });
  test('an exception for nothing is told, and does no harm', () => {
    const verdict = judge([report(trivy(TODAY))], { exceptions: [exception('CVE-9')] });
    assert.equal(verdict.answer, 'yes');
    assert.match(verdict.reason, /exception of ada for CVE-9 is for nothing/);
  });
  test('ten thousand vulnerabilities are judged, and few of them named', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({ id: `CVE-${index}`, severity: 'CRITICAL' }));
    const verdict = judge([report(trivy(TODAY, ...many))]);
    refused(verdict, /10000 critical/);
    assert.match(verdict.refusal?.got ?? '', /and 9990 more/);
  });
});
