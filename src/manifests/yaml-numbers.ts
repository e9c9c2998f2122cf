/**
 * Which plain words are numbers, as kubectl decides it (sigs.k8s.io/yaml, goyaml.v2/resolve.go). The `yaml` package's own YAML 1.1
 * differs: it reads times and numbers to the base of 60 (`22:22`), takes `e2` and `.` for numbers, and does not know `0o644`.
 */
import { type Document, type Tags, isScalar, visit } from 'yaml';

const NUMBER_TAGS = /:(?:int|float)$/;
/** Words that the package's number and time tags match: its tags share their names, so this tells them apart. */
const MATCHED_BY_REPLACED = ['1', '017', '0x1f', '0b1', '1.5', '1e3', '22:22', '1:22.5', '2026-11-23'];

/** For the option `customTags`: numbers stay words until {@link resolveNumbers}. */
export function withoutNumbers(tags: Tags): Tags {
  return tags.filter((tag) => {
    if (typeof tag === 'string' || !('test' in tag)) return true;
    const { test } = tag;
    return test === undefined || !MATCHED_BY_REPLACED.some((word) => test.test(word));
  });
}

/** Turns the plain words of a document that kubectl takes for numbers into numbers. */
export function resolveNumbers(document: Document.Parsed): void {
  visit(document, {
    Scalar(_, node) {
      if (!isScalar(node) || typeof node.value !== 'string') return;
      const asked = node.tag === undefined ? node.type === 'PLAIN' : NUMBER_TAGS.test(node.tag);
      if (asked) node.value = numberOf(node.value) ?? node.value;
    },
  });
}

const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+))$/;

/** Undefined for a word that is no number. Underscores are decoration, except after a leading point. */
export function numberOf(word: string): number | undefined {
  if (!/^[-+.0-9]/.test(word)) return undefined;
  const plain = word.startsWith('.') ? word : word.replaceAll('_', '');
  const [, sign, hex, binary, octal] = INTEGER.exec(plain) ?? [];
  if (hex !== undefined) return signed(sign, Number.parseInt(hex, 16));
  if (binary !== undefined) return signed(sign, Number.parseInt(binary, 2));
  if (octal !== undefined) return signed(sign, Number.parseInt(octal, 8));
  const value = FLOAT.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value + 0 : undefined;
}

function signed(sign: string | undefined, value: number): number {
  return sign === '-' ? 0 - value : value;
}
