/** Evidence for people: what is proven and by whom, what is wrong, what is missing, and what nobody vouches for. */
import type { Finding, FindingState } from '../../evidence/findings.ts';
import type { EvidenceVerdict } from '../../evidence/verify.ts';
import type { Exported } from '../evidence/export-to-file.ts';
import type { Paint, Style } from '../terminal.ts';

export function renderExported({ file, name, bytes, parts, registries, without }: Exported, paint: Paint): string {
  const lines = [
    `${paint('bold', file)}   ${parts} parts, ${bytes} bytes`,
    `  named     ${name}`,
    `  content   of ${registries.join(', ') || 'no registry'}`,
    ...(without.length === 0 ? [] : [paint('yellow', `  without   ${without.join(', ')}`)]),
    '  keep the name beside the file: "sluice evidence verify … --digest" asks for it',
  ];
  return lines.join('\n');
}

const MARKS: Readonly<Record<FindingState, { readonly mark: string; readonly style: Style }>> = {
  proven: { mark: '✓', style: 'green' },
  wrong: { mark: '✗', style: 'red' },
  missing: { mark: '✗', style: 'red' },
  unproven: { mark: '·', style: 'dim' },
};

const SAID: Readonly<Record<FindingState, string>> = {
  proven: 'proven',
  wrong: 'wrong',
  missing: 'demanded and not proven',
  unproven: 'proven by nobody, and not demanded',
};

const ORDER: readonly FindingState[] = ['wrong', 'missing', 'proven', 'unproven'];

export function renderVerdict({ service, version, name, answer, findings }: EvidenceVerdict, paint: Paint): string {
  const verdict =
    answer === 'yes'
      ? paint('green', 'yes: nothing is wrong, and nothing that is demanded is missing')
      : paint('red', 'no: this does not prove what it should');
  const groups = ORDER.flatMap((state) => {
    const own = findings.filter((one) => one.state === state);
    return own.length === 0 ? [] : ['', paint('bold', SAID[state]), ...own.flatMap((one) => linesOf(one, paint))];
  });
  return [`${paint('bold', `${service} ${version}`)}   ${name}`, verdict, ...groups].join('\n');
}

function linesOf({ state, check, about, by, why, where }: Finding, paint: Paint): readonly string[] {
  const { mark, style } = MARKS[state];
  return [
    `  ${paint(style, mark)} ${check.padEnd(11)} ${about}`,
    ...(by === undefined ? [] : [`                by ${by}`]),
    ...(why === undefined ? [] : [`                ${why}`]),
    ...(where === undefined || state === 'proven' ? [] : [paint('dim', `                in ${where}`)]),
  ];
}
