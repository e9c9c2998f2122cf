import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { generated } from '../../../src/config/print-schema.ts';
import { schemaDocument } from '../../../src/config/schema-document.ts';
import { GOOD } from './written.ts';

describe('when the grammar changes', () => {
  for (const [path, text] of Object.entries(generated())) {
    test(`${path} is in step with the code`, () => {
      const there = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
      assert.equal(there, text, 'write it anew with "npm run schema"');
    });
  }

  test('the schema is one that editors understand, and it accepts what the code accepts', () => {
    const validate = new Ajv({ strict: false, logger: false }).compile(schemaDocument());
    const good: unknown = parse(GOOD.replaceAll('${AZURE_SUBSCRIPTION_ID}', 'sub'));
    assert.equal(validate(good), true, JSON.stringify(validate.errors));
    assert.equal(validate({ ...(good as object), extra: 1 }), false);
  });
});
