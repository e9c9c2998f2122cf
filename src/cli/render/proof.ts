/** What is proven about an image, for people: one line for each rule, or everything that each rule has to say. */
import type { ProofVerdict } from '../../domain/proof.ts';
import type { Paint } from '../terminal.ts';
import type { Proof } from '../verify-image.ts';
import { withTimes } from './time.ts';

const UNASKED =
  'manifests have to be signed as well: name theirs with "--manifests sha256:…" ("sluice manifests push" says it)';

export function renderProof(proof: Proof, explain: boolean, paint: Paint): string {
  const { image, registry, environment, verdicts, proven, unasked } = proof;
  const tag = image.tag === undefined ? '' : ` (${image.tag})`;
  const width = Math.max(...verdicts.map(({ rule }) => rule.length));
  const refused = verdicts.filter((one) => one.answer === 'no').map(({ rule }) => rule);
  const sum = proven
    ? paint('green', `proven: it is what ${environment} wants`)
    : paint('red', `not proven: ${environment} refuses it for ${refused.join(', ')}`) +
      (explain ? '' : paint('dim', ' (--explain: what was expected and got)'));
  return [
    `${registry}/${image.repository}@${image.digest}${tag}`,
    ...verdicts.flatMap((one) => linesOf(one, width, explain, paint)),
    ...(unasked === undefined ? [] : [`  ${paint('yellow', '?')} ${UNASKED}`]),
    sum,
  ].join('\n');
}

function linesOf(verdict: ProofVerdict, width: number, explain: boolean, paint: Paint): readonly string[] {
  const { rule, answer, reason, statements, refusal } = verdict;
  const mark = answer === 'yes' ? paint('green', '✓') : paint('red', '✗');
  const head = `  ${mark} ${rule.padEnd(width)}  ${withTimes(reason)}`;
  if (refusal === undefined) return explain ? [head, ...statedIn(statements)] : [head];
  const { code, expected, got, remedy } = refusal;
  const line = (name: string, text: string): string => `      ${name.padEnd(9)} ${withTimes(text)}`;
  return [
    head,
    ...(explain ? statedIn(statements) : []),
    ...(explain && expected !== undefined ? [line('expected', expected)] : []),
    ...(explain && got !== undefined ? [line('got', got)] : []),
    ...(remedy === undefined ? [] : [line('do', remedy)]),
    ...(explain ? [paint('dim', `      docs/errors.md#${code}`)] : []),
  ];
}

function statedIn(statements: readonly string[]): readonly string[] {
  return statements.map((digest) => `      in        ${digest}`);
}
