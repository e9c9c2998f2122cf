/** The gates: facts in, verdict out. What checks a gate when it is read stands beside what judges it later. */
export { admits, type Ruling } from './admits.ts';
export { calendarProblems } from './calendar-spans.ts';
export { expressionProblem } from './cel.ts';
export { weeklyFreezeNeverEnds } from './freeze-span.ts';
export { type Asked, foresee, type Foreseen, type Leg } from './foresee.ts';
export { LONGEST_FREEZE } from './freeze-limits.ts';
export { gatesOf, judgeGates } from './judge-gates.ts';
export { firstOpening, type Hold, type Opening } from './opening.ts';
export { nobodyMay, overrideRefusal } from './override.ts';
export { patternProblem } from './ticket-pattern.ts';
export { isZone, readTime } from './zoned-time.ts';
