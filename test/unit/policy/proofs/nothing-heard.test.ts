/** That a statement is not there, is by somebody else, of another type, about something else, or cannot be read are different answers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SBOM_FORMATS, type ProofRules } from '../../../../src/domain/proof.ts';
import { judgeStatements } from '../../../../src/policy/proofs/index.ts';
import { gathered, stated, unheard } from './gathered.ts';
import { github, V1 } from './provenances.ts';

const RULES: Partial<ProofRules> = {
  provenance: { by: ['builder'] },
  sbom: { by: ['builder'], formats: SBOM_FORMATS },
  vulnerabilities: { by: ['scanner'], noOlderThanMs: 1_000, most: { critical: 0 }, exceptions: [] },
  predicates: [
    { name: 'tests', predicateType: 'https://example.test/t', by: ['builder'], expression: 'true', because: 'x' },
  ],
};

function codes(found: Parameters<typeof gathered>): readonly string[] {
  return judgeStatements(RULES, gathered(...found)).map((one) => one.refusal?.code ?? one.answer);
}

describe('when nothing is heard', () => {
  test('because nothing is there, every rule says "missing", with who should state what', () => {
    assert.deepEqual(
      codes([[]]),
      Array.from({ length: 4 }, () => 'statement-missing'),
    );
    const [verdict] = judgeStatements(RULES, gathered([]));
    assert.match(verdict?.refusal?.expected ?? '', /slsa.dev\/provenance\/v1.* by builder/);
    assert.deepEqual(verdict?.statements, []);
  });
  test('because a signer states it whom the rule does not name, that is said, with who it was', () => {
    const [verdict] = judgeStatements(RULES, gathered([stated(V1, github(), 'scanner')]));
    assert.equal(verdict?.refusal?.code, 'statement-untrusted');
    assert.match(verdict.refusal.got ?? '', /by scanner/);
    assert.equal(verdict.statements.length, 1);
  });

  const words = [
    ['untrusted', 'statement-untrusted'],
    ['other-image', 'statement-other-image'],
  ] as const;
  for (const [reason, code] of words)
    test(`because it is ${reason}, only the rule about that type says so`, () =>
      assert.deepEqual(codes([[], [unheard(reason, 'why', V1)]]), [
        code,
        ...Array.from({ length: 3 }, () => 'statement-missing'),
      ]));
  test('because it cannot be read, every rule says so', () =>
    assert.deepEqual(
      codes([[], [unheard('unreadable', 'not JSON')]]),
      Array.from({ length: 4 }, () => 'statement-unreadable'),
    ));
  test('because all is of other types, the types are named', () => {
    const [verdict] = judgeStatements(
      RULES,
      gathered([], [unheard('other-type', 'https://example.test/x', 'https://example.test/x')]),
    );
    assert.equal(verdict?.refusal?.code, 'statement-other-type');
    assert.match(verdict.refusal.got ?? '', /example.test\/x/);
  });
  test('what says most comes first: a stranger before a type', () => {
    const [code] = codes([[], [unheard('other-type', 'x', 'x'), unheard('untrusted', 'by eve', V1)]]);
    assert.equal(code, 'statement-untrusted');
  });
});

describe('a refusal is kept in a history', () => {
  const many = Array.from({ length: 64 }, (_, index) => index);
  const LONG = 'x'.repeat(10_000);
  const cases: Readonly<Record<string, Parameters<typeof gathered>>> = {
    'statements of a signer who is not asked': [many.map((n) => stated(V1, { n }, `scanner-${n}`))],
    'statements that nobody hears': [[], many.map((n) => unheard('untrusted', `${n} ${LONG}`, V1))],
    'statements that say nothing': [
      many.map((n) => stated(V1, { n, runDetails: { builder: { id: `${n} ${LONG}` } } })),
    ],
    'one that names a thousand repositories': [
      [
        stated(V1, {
          buildDefinition: {
            resolvedDependencies: Array.from({ length: 1_000 }, (_, n) => ({ uri: `git+https://example.test/${n}` })),
          },
        }),
      ],
    ],
  };
  for (const [what, found] of Object.entries(cases))
    test(`and is short for ${what}`, () => {
      const rules = {
        provenance: { by: ['builder'], builders: ['https://b.test'], sources: ['https://example.test/s'] },
      };
      const [verdict] = judgeStatements(rules, gathered(...found));
      assert.equal(verdict?.answer, 'no');
      const { refusal, reason } = verdict;
      assert.ok(JSON.stringify({ refusal, reason }).length < 6_000, String(JSON.stringify(refusal).length));
    });
});
