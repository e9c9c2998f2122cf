/**
 * Which plain words are numbers, as kubectl decides it (sigs.k8s.io/yaml, YAML 1.1 with go-yaml's differences). The `yaml` package's
 * own YAML 1.1 goes further: it reads times, numbers to the base of 60 (`22:22`), and takes `e2` and `.` for numbers.
 */
import type { ScalarTag, Tags } from 'yaml';

const INT = 'tag:yaml.org,2002:int';
const FLOAT = 'tag:yaml.org,2002:float';

const float: ScalarTag = {
  tag: FLOAT,
  default: true,
  test: /^[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*\.[0-9_]*|[0-9][0-9_]*(?=[eE]))(?:[eE][-+]?[0-9]+)?$/,
  resolve: (text) => Number(text.replaceAll('_', '')),
};

const newOctal: ScalarTag = {
  tag: INT,
  default: true,
  test: /^0o[0-7]+$/,
  resolve: (text) => Number.parseInt(text.slice(2), 8),
};

/** For the option `customTags` of a YAML 1.1 document. */
export function kubectlTags(tags: Tags): Tags {
  return [...tags.filter((tag) => typeof tag === 'string' || !isReplaced(tag)), newOctal, float];
}

/** The package's number and time tags share their names; they are told apart by what they match. */
function isReplaced(tag: Exclude<Tags[number], string>): boolean {
  const test = 'test' in tag && tag.test instanceof RegExp ? tag.test : undefined;
  if (test === undefined) return false;
  return ['22:22', '1:22.5', '2026-11-23', '1.5', '1e3'].some((word) => test.test(word));
}
