import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { weigh } from '../../../src/domain/quorum.ts';
import { parseDigest } from '../../../src/domain/digest.ts';

const artefact = { digest: parseDigest(`sha256:${'a'.repeat(64)}`), form: 'bundle' } as const;
const by = (...signers: readonly string[]) => signers.map((signer) => ({ signer, by: `key of ${signer}`, artefact }));

describe('when signatures are weighed', () => {
  test('each of several signers is wanted: one alone does not suffice, and the other is named', () => {
    const wanted = { need: 'all', of: ['builder', 'scanner'] } as const;
    assert.deepEqual(weigh(wanted, by('builder')).missing, ['scanner']);
    assert.deepEqual(weigh(wanted, by('scanner', 'builder')), { signed: by('builder', 'scanner'), missing: [] });
  });

  test('one of several signers is wanted: any of them suffices', () => {
    const wanted = { need: 'any', of: ['builder', 'scanner'] } as const;
    assert.deepEqual(weigh(wanted, by('scanner')), { signed: by('scanner'), missing: [] });
    assert.deepEqual(weigh(wanted, []).missing, ['builder', 'scanner']);
  });

  test('somebody who signs twice counts once', () => {
    assert.equal(weigh({ need: 'any', of: ['builder'] }, by('builder', 'builder')).signed.length, 1);
  });

  test('signatures of somebody whom the rule does not name count for nothing', () => {
    assert.deepEqual(weigh({ need: 'any', of: ['builder'] }, by('stranger')), { signed: [], missing: ['builder'] });
  });

  for (const need of ['all', 'any'] as const)
    test(`a rule that names nobody is met by nobody (${need})`, () => {
      assert.notDeepEqual(weigh({ need, of: [] }, by('builder')).missing, []);
    });
});
