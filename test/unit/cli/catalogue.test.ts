import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ERROR_CATALOGUE } from '../../../src/cli/error-catalogue.ts';
import { CONFIG_MISTAKES } from '../../../src/cli/errors/config-mistakes.ts';
import { errorsPage } from '../../../src/cli/errors-page.ts';
import { EXIT, exitOfError, exitOfOutcome } from '../../../src/cli/exit-codes.ts';
import { ERROR_CODES } from '../../../src/domain/error-code.ts';
import { OUTCOMES } from '../../../src/domain/outcome.ts';
import { GOOD, problemsOf } from '../config/written.ts';

describe('when an error has a code', () => {
  test('the catalogue has it, with a cause and a remedy, and nothing else', () => {
    assert.deepEqual(Object.keys(ERROR_CATALOGUE).toSorted(), [...ERROR_CODES].toSorted());
    for (const { cause, remedy } of Object.values(ERROR_CATALOGUE)) {
      assert.match(cause, /^.{15,}\.$/s);
      assert.match(remedy, /^.{5,}\.$/s);
    }
  });

  test('docs/errors.md is in step with the catalogue and can be linked to', () => {
    const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
    assert.equal(page, errorsPage(), 'write it anew with "node src/cli/print-errors.ts"');
    for (const code of ERROR_CODES) assert.ok(page.includes(`\n### ${code}\n`), code);
  });
});

describe('when a mistake in sluice.yaml has a section of its own', () => {
  for (const { title, says, example } of CONFIG_MISTAKES) {
    test(`${title}: it says so`, () => {
      const problems = problemsOf(GOOD.replace('lockImages: true', `gates: [${example}]`));
      assert.ok(
        problems.some((one) => one.includes(says)),
        problems.join('\n') || 'no problem was found',
      );
    });
  }
});

describe('when a command ends', () => {
  const cases = [
    ['config-invalid', EXIT.usage],
    ['manifests-missing', EXIT.usage],
    ['version-malformed', EXIT.usage],
    ['checkout-dirty', EXIT.usage],
    ['checkout-shallow', EXIT.usage],
    ['branch-unknown', EXIT.usage],
    ['version-tag-ambiguous', EXIT.usage],
    ['version-not-releasable', EXIT.refused],
    ['git-failing', EXIT.unreachable],
    ['service-unknown', EXIT.usage],
    ['version-taken', EXIT.refused],
    ['approval-malformed', EXIT.refused],
    ['approval-other-plan', EXIT.refused],
    ['release-finished', EXIT.refused],
    ['signature-missing', EXIT.refused],
    ['author-unknown', EXIT.refused],
    ['not-admitted', EXIT.refused],
    ['turn-expired', EXIT.refused],
    ['turn-superseded', EXIT.superseded],
    ['rollback-impossible', EXIT.refused],
    ['release-not-found', EXIT.notFound],
    ['image-not-found', EXIT.notFound],
    ['temporal-unreachable', EXIT.unreachable],
    ['worker-missing', EXIT.unreachable],
    ['registry-forbidden', EXIT.unreachable],
    ['cluster-unreachable', EXIT.unreachable],
    ['health-failed', EXIT.failed],
    ['internal', EXIT.internal],
  ] as const;
  for (const [code, exit] of cases) test(`${code} exits with ${exit}`, () => assert.equal(exitOfError(code), exit));

  test('every outcome has an exit code of its own, and only "released" is success', () => {
    const codes = OUTCOMES.map(exitOfOutcome);
    assert.equal(new Set(codes).size, OUTCOMES.length);
    assert.deepEqual(
      OUTCOMES.filter((kind) => exitOfOutcome(kind) === 0),
      ['released'],
    );
    assert.equal(new Set(Object.values(EXIT)).size, Object.values(EXIT).length);
  });
});
