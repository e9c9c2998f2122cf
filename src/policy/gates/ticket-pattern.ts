/**
 * Patterns whose cost is bounded: a person writes the pattern, but anybody may write the ticket, and backtracking over a
 * repeated group takes exponential time. With so few repetitions over so short a text it takes milliseconds at worst.
 */
export const LONGEST_TICKET = 48;
const LONGEST_PATTERN = 200;
/** Repetitions and alternatives together: each multiplies the ways in which a text can fail to match. */
const MOST_CHOICES = 6;
const REPETITION = /[*+?]|\{\d*,?\d*\}/y;

/** Why a pattern is refused, or undefined. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > LONGEST_PATTERN) return `it is longer than ${LONGEST_PATTERN} characters`;
  try {
    // as it stands: wrapped in a group, `a)|(b` would be one, and its anchors would not hold
    new RegExp(pattern, 'u');
  } catch {
    return 'it is no regular expression';
  }
  if (/\\[1-9k]|\(\?[=!<]/.test(pattern)) return 'back references, named groups and look-around are not allowed';
  const choices = choicesOf(pattern);
  if (choices.repeatedGroups > 0) return 'a group in parentheses must not be repeated';
  if (choices.all > MOST_CHOICES) return `it has more than ${MOST_CHOICES} repetitions and alternatives`;
  return undefined;
}

function choicesOf(pattern: string): { readonly all: number; readonly repeatedGroups: number } {
  let all = 0;
  let repeatedGroups = 0;
  let inClass = false;
  let before = '';
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern[index] ?? '';
    if (character === '\\') {
      index += 1;
      before = 'escaped';
      continue;
    }
    if (inClass) inClass = character !== ']';
    else if (character === '[') inClass = true;
    else if (character === '|') all += 1;
    else if (before !== '(' && isRepetition(pattern, index)) {
      all += 1;
      if (before === ')') repeatedGroups += 1;
    }
    before = character;
  }
  return { all, repeatedGroups };
}

function isRepetition(pattern: string, index: number): boolean {
  REPETITION.lastIndex = index;
  return REPETITION.test(pattern);
}
