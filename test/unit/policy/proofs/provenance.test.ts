import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ProofVerdict, ProvenanceRule } from '../../../../src/domain/proof.ts';
import { judgeStatements } from '../../../../src/policy/proofs/index.ts';
import { gathered, stated } from './gathered.ts';
import { azure, buildKitV02, buildKitV1, COMMIT, generatorV02, github, V02, V1 } from './provenances.ts';

const BUILDER = 'https://github.com/org/repo/.github/workflows/release.yml@refs/heads/main';
const RULE: ProvenanceRule = {
  by: ['builder'],
  builders: [BUILDER],
  sources: ['https://github.com/org/repo'],
  branches: ['refs/heads/main'],
  commit: true,
};

const { branches: _, ...ANY_BRANCH } = RULE;

function judge(predicate: unknown, rule: ProvenanceRule = RULE, type = V1): ProofVerdict {
  const [verdict] = judgeStatements({ provenance: rule }, gathered([stated(type, predicate)]));
  return verdict as ProofVerdict;
}

function refused(verdict: ProofVerdict, got: RegExp): void {
  assert.equal(verdict.refusal?.code, 'provenance-refused');
  assert.match(verdict.refusal.got ?? '', got);
  assert.equal(verdict.statements.length, 1);
}

describe('when provenance says where an image comes from', () => {
  const accepted: Readonly<Record<string, readonly [unknown, ProvenanceRule, string]>> = {
    'GitHub Actions': [github(), RULE, V1],
    'the generator of slsa-framework (v0.2)': [generatorV02(), { ...RULE, builders: [generatorV02().builder.id] }, V02],
    'BuildKit (v1), building from Git': [buildKitV1(), { ...RULE, builders: [buildKitV1().runDetails.builder.id] }, V1],
    'BuildKit (v0.2), building a folder': [
      buildKitV02(),
      // the client tells repository and revision of its folder, and no branch
      { ...ANY_BRANCH, builders: [buildKitV02().builder.id] },
      V02,
    ],
    'a pipeline of Azure': [
      azure(),
      { ...RULE, builders: [azure().runDetails.builder.id], sources: ['https://dev.azure.com/org/project/_git/repo'] },
      V1,
    ],
  };
  for (const [who, [predicate, rule, type]] of Object.entries(accepted))
    test(`${who} is understood`, () => {
      const verdict = judge(predicate, rule, type);
      assert.equal(verdict.answer, 'yes', JSON.stringify(verdict.refusal));
      assert.equal(verdict.statements.length, 1);
    });

  test('its words say builder, source and commit', () =>
    assert.match(judge(github()).reason, new RegExp(`release.yml.*github.com/org/repo .*${COMMIT}`)));

  test('another builder is refused, with what was expected and got', () => {
    const verdict = judge(github({ builder: 'https://evil.test/builder' }));
    refused(verdict, /built by https:\/\/evil.test\/builder/);
    assert.match(
      verdict.refusal?.expected ?? '',
      /builder https:\/\/github.com\/org\/repo\/\.github.*source.*ref refs\/heads\/main.*commit/,
    );
  });
  test('a builder whose name only begins like the wanted one is another', () =>
    refused(judge(github({ builder: `${BUILDER}-evil` })), /main-evil/));
  test('another repository is refused, also one whose name only begins like it', () => {
    refused(judge(github({ repository: 'https://github.com/org/repo-evil' })), /repo-evil/);
  });
  test('another branch is refused', () =>
    refused(judge(github({ ref: 'refs/heads/feature' })), /of refs\/heads\/feature/));
  test('a tag is no branch, whatever it is called', () =>
    refused(judge(github({ ref: 'refs/tags/main' })), /refs\/tags\/main/));
  test('a bare name may be a tag, and is no branch', () => refused(judge(github({ ref: 'main' })), /of main/));
  test('a dependency on another ref than the workflow ran for is a contradiction', () =>
    refused(
      judge(github({ dependency: 'git+https://github.com/org/repo@refs/heads/evil' })),
      /refs\/heads\/main and refs\/heads\/evil/,
    ));
  test('what was asked to be built counts, not what was fetched beside it', () => {
    const predicate = github({ repository: 'https://github.com/evil/repo' });
    refused(judge(predicate), /evil\/repo/);
  });
  test('several repositories that were fetched do not say which is the source', () => {
    const predicate = azure();
    const other = { uri: 'git+https://github.com/org/other@refs/heads/main', digest: { gitCommit: COMMIT } };
    const { externalParameters: _, ...definition } = predicate.buildDefinition;
    const fetched = { ...definition, resolvedDependencies: [...definition.resolvedDependencies, other] };
    const rule = { ...RULE, builders: [predicate.runDetails.builder.id], sources: ['https://github.com/org/other'] };
    refused(judge({ ...predicate, buildDefinition: fetched }, rule), /dev.azure.com.* and github.com\/org\/other/);
  });
  test('no commit where one has to be named is a no, so is a short one and a dirty one', () => {
    for (const commit of [undefined, '4b220de', `${COMMIT}-dirty`])
      refused(judge(github({ commit })), /no commit that it names/);
  });

  const silent: Readonly<Record<string, unknown>> = {
    nothing: {},
    'no object anywhere': { buildDefinition: 'x', runDetails: [] },
    'a builder that is no text': { ...github(), runDetails: { builder: { id: [BUILDER] } } },
    'no parameters': { ...github(), buildDefinition: {} },
  };
  for (const [what, predicate] of Object.entries(silent))
    test(`that says ${what} is a no, not a yes`, () =>
      assert.equal(judge(predicate).refusal?.code, 'provenance-refused'));

  test('what is not asked need not be said', () => {
    const rules = { provenance: { by: ['builder'] } };
    assert.equal(judgeStatements(rules, gathered([stated(V1, {})]))[0]?.answer, 'yes');
  });

  test('one of several statements has to say it all: two halves are no whole', () => {
    const halves = [github({ builder: 'https://evil.test' }), github({ ref: 'refs/heads/evil' })].map((one) =>
      stated(V1, one),
    );
    const [verdict] = judgeStatements({ provenance: RULE }, gathered(halves));
    assert.equal(verdict?.refusal?.code, 'provenance-refused');
    const [good] = judgeStatements({ provenance: RULE }, gathered([...halves, stated(V1, github())]));
    assert.equal(good?.answer, 'yes');
  });
});
