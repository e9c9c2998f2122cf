import type { Paint, Style } from '../terminal.ts';
import type { Finding } from './finding.ts';

const MARKS: Readonly<Record<Finding['state'], readonly [string, Style]>> = {
  well: ['✓', 'green'],
  doubtful: ['!', 'yellow'],
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
  const doubts = findings.filter((one) => one.state === 'doubtful').length;
  const sum = [...(bad === 0 ? [] : [`${bad} to repair`]), ...(doubts === 0 ? [] : [`${doubts} to look at`])];
  return [...lines, sum.length === 0 ? 'all well' : sum.join(', ')].join('\n');
}
