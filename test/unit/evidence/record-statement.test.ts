import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { digestOf, digestOfJson } from '../../../src/content/digest-of.ts';
import { hexOf } from '../../../src/domain/digest.ts';
import { generatedSchemas } from '../../../src/evidence/print-schema.ts';
import { PROMOTION_PREDICATE } from '../../../src/evidence/record-predicate.ts';
import { plannedImage, readPromotion, statementBytes } from '../../../src/evidence/record-statement.ts';
import { aStatement } from './sample.ts';

const ROOT = new URL('../../../', import.meta.url);

describe('the statement about a promotion', () => {
  test('is an in-toto statement about the image by its digest, under the name that its registry gives it', () => {
    const { _type, subject, predicateType } = aStatement();
    assert.equal(_type, 'https://in-toto.io/Statement/v1');
    assert.equal(predicateType, PROMOTION_PREDICATE);
    assert.deepEqual(subject, [{ name: 'staging.example.test/iam', digest: { sha256: hexOf(digestOf('image')) } }]);
  });

  test('holds the plan whose digest people approved', () => {
    const { plan } = aStatement().predicate;
    assert.equal(digestOfJson(plan.content), plan.digest);
    assert.equal(plannedImage(aStatement().predicate), digestOf('image'));
  });

  test('is the same bytes however its members are ordered', () => {
    const statement = aStatement();
    const turned = Object.fromEntries(Object.entries(statement).reverse()) as unknown as typeof statement;
    assert.deepEqual(statementBytes(turned), statementBytes(statement));
  });

  test('reads back as it was written', () => {
    const { predicate } = JSON.parse(Buffer.from(statementBytes(aStatement())).toString('utf8')) as {
      predicate: unknown;
    };
    assert.deepEqual(readPromotion(predicate), aStatement().predicate);
  });

  test('may say more than whoever reads it knows, and never less', () => {
    const { predicate } = aStatement();
    assert.ok(readPromotion({ ...predicate, later: { added: true } }));
    for (const member of ['outcome', 'service', 'to', 'plan', 'effects', 'workflow', 'reportedByEngine'] as const) {
      const { [member]: _, ...rest } = predicate;
      assert.equal(readPromotion(rest), undefined, member);
    }
    assert.equal(readPromotion({ ...predicate, outcome: 'aborted' }), undefined);
    for (const other of [undefined, null, 'promoted', []]) assert.equal(readPromotion(other), undefined);
  });
});

describe('the published schema', () => {
  for (const [path, text] of Object.entries(generatedSchemas())) {
    test(`${path} is in step with the code`, () => {
      assert.equal(readFileSync(new URL(path, ROOT), 'utf8'), text, 'write it anew with "npm run schema"');
    });

    test(`${path} accepts what is signed, and nothing without its plan`, () => {
      const validate = new Ajv({ strict: false, logger: false }).compile(JSON.parse(text) as object);
      const { predicate } = aStatement();
      assert.equal(validate(predicate), true, JSON.stringify(validate.errors));
      assert.equal(validate({ ...predicate, plan: { digest: 'latest' } }), false);
    });

    test(`docs/record-predicate.md describes every member of ${path}`, () => {
      const page = readFileSync(new URL('docs/record-predicate.md', ROOT), 'utf8');
      const { properties } = JSON.parse(text) as { properties: Record<string, { properties?: object }> };
      const members = Object.entries(properties).flatMap(([name, { properties: inner = {} }]) => [
        name,
        ...Object.keys(inner).map((one) => `${name}.${one}`),
      ]);
      assert.deepEqual(
        members.filter((one) => !page.includes(`\`${one}\``)),
        [],
      );
    });
  }
});
