import type { Paint, Style } from '../terminal.ts';
import type { Finding } from './finding.ts';

const MARKS: Readonly<Record<Finding['state'], readonly [string, Style]>> = {
  well: ['✓', 'green'],
  unwell: ['✗', 'red'],
  'not-tried': ['–', 'dim'],
};

export function renderFindings(findings: readonly Finding[], paint: Paint): string {
  const lines = findings.flatMap(({ about, state, detail, remedy }) => {
    const [mark, style] = MARKS[state];
    return [
      `${paint(style, mark)} ${about}: ${detail}`,
      ...(remedy === undefined ? [] : [`    ${paint('cyan', remedy)}`]),
    ];
  });
  const bad = findings.filter((one) => one.state === 'unwell').length;
  return [...lines, bad === 0 ? 'all well' : `${bad} to repair`].join('\n');
}
