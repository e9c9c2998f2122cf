/** What the YAML parser objects to, in own words: its messages may quote the file, and a file may hold a Secret. */
import type { ErrorCode as YamlCode } from 'yaml';

const SENTENCES: Readonly<Partial<Record<YamlCode, string>>> = {
  ALIAS_PROPS: 'an alias (*name) has a tag or an anchor of its own',
  BAD_ALIAS: 'an alias (*name) is not closed properly or has no anchor (&name) before it',
  BAD_DIRECTIVE: 'a directive (a line that begins with %) is not understood',
  BAD_DQ_ESCAPE: 'an unknown escape in a double-quoted text',
  BAD_INDENT: 'the indentation does not fit the lines around it',
  BAD_SCALAR_START: 'a text begins with a character that needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a mapping or list stands where a key was expected; is a quote or line break missing?',
  BLOCK_IN_FLOW: 'indented lines inside [ ] or { }',
  MISSING_CHAR: 'a quote, bracket, comma, colon or space is missing',
  MULTILINE_IMPLICIT_KEY: 'a key spans several lines; is a colon missing?',
  RESOURCE_EXHAUSTION: 'nested or repeated too deeply',
  TAB_AS_INDENT: 'a tab as indentation; use spaces',
  TAG_RESOLVE_FAILED: 'a tag (!name) is unknown or does not fit its value',
  UNEXPECTED_TOKEN: 'something stands where YAML does not allow it',
};

export function describeYamlError(code: YamlCode): string {
  return `${SENTENCES[code] ?? 'the parser does not understand it'} (${code})`;
}
