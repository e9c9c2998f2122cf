import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { tame } from '../../../src/cli/terminal.ts';
import { plainText } from '../../../src/domain/plain-text.ts';
import { html } from '../../../src/web/html.ts';

/** Every character of the first planes that is a control character or turns the direction of writing, as Unicode says it. */
const STEERING = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).filter((one) =>
  /[\p{Cc}\p{Bidi_Control}]/u.test(one),
);
const LAYOUT = ['\t', '\n'];

describe('when text comes from elsewhere', () => {
  test('no character of it steers: not in a terminal, not on a page, not in one line', () => {
    assert.equal(STEERING.length, 65 + 12);
    for (const one of STEERING) {
      const name = `U+${one.charCodeAt(0).toString(16)}`;
      const shown = LAYOUT.includes(one) ? `a${one}b` : 'a·b';
      assert.equal(tame(`a${one}b`), shown, name);
      assert.equal(html`${`a${one}b`}`.text, shown, name);
      assert.equal(plainText(`a${one}b`, 10), 'a b', name);
    }
  });
});
