/**
 * CEL whose cost is known when it is read. Everything that could take long is refused then: the limits below bound what is left, as long as
 * whoever evaluates it bounds what it is evaluated over.
 */
import { type ASTNode, Environment } from '@marcbachmann/cel-js';

const LONGEST_EXPRESSION = 500;
const LIMITS = { maxAstNodes: 200, maxDepth: 30, maxListElements: 50, maxMapEntries: 20, maxCallArguments: 8 };
/** Two loops of which one may stand in the other. */
const MOST_LOOPS = 2;
const LOOPS = ['all', 'exists', 'exists_one', 'map', 'filter'];
/** `matches` backtracks without bound, `bind` doubles what it names as often as it is nested. */
const REFUSED = ['matches', 'bind'];

export type Evaluated = { readonly ok: true; readonly value: boolean } | { readonly ok: false; readonly why: string };

export interface Language {
  readonly world: Environment;
  /** Over what nobody knows the types of: whether it says yes or no may turn out only when it is evaluated, and loops go over what is there. */
  readonly dynamic?: true;
}

/** A world without variables, to which its owner adds what expressions may see. */
export function boundedWorld(): Environment {
  return new Environment({ limits: LIMITS, homogeneousAggregateLiterals: true, unlistedVariablesAreDyn: false });
}

/** Why an expression is refused, or undefined: it parses, its types fit, it says yes or no, and its cost is bounded. */
export function problemIn({ world, dynamic }: Language, expression: string): string | undefined {
  if (expression.length > LONGEST_EXPRESSION) return `it is longer than ${LONGEST_EXPRESSION} characters`;
  try {
    const parsed = world.parse(expression);
    const calls = callsOf(parsed.ast);
    const refused = calls.find((name) => REFUSED.includes(name));
    if (refused !== undefined) return `"${refused}" is not allowed: its cost has no bound`;
    const loops = calls.filter((name) => LOOPS.includes(name)).length;
    if (loops > MOST_LOOPS) return `it has more than ${MOST_LOOPS} of ${LOOPS.join(', ')}`;
    if (dynamic === true && loopsIn(parsed.ast).some((range) => !isPath(range)))
      return `${LOOPS.join(', ')} go over a list that is there, not over one that is made`;
    const checked = parsed.check();
    if (!checked.valid) return firstLine(checked.error);
    if (checked.type === 'bool' || (dynamic === true && checked.type === 'dyn')) return undefined;
    return `it is ${checked.type ?? 'nothing'}; expected bool`;
  } catch (cause) {
    return firstLine(cause);
  }
}

/** What throws or is neither true nor false has said nothing. */
export function evaluateIn(
  language: Language,
  expression: string,
  variables: () => Readonly<Record<string, unknown>>,
): Evaluated {
  const problem = problemIn(language, expression);
  if (problem !== undefined) return { ok: false, why: problem };
  try {
    const value: unknown = language.world.parse(expression)(variables());
    return typeof value === 'boolean' ? { ok: true, value } : { ok: false, why: 'it says neither true nor false' };
  } catch (cause) {
    return { ok: false, why: firstLine(cause) };
  }
}

/** Names of everything that is called, however deep. */
function callsOf(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(callsOf);
  if (!isNode(node)) return [];
  const own = node.op === 'call' || node.op === 'rcall' ? [node.args[0]] : [];
  return [...own, ...callsOf(node.args)];
}

/** What each loop goes over. A list could be made as often as long as the one that is there. */
function loopsIn(node: unknown): readonly unknown[] {
  if (Array.isArray(node)) return node.flatMap(loopsIn);
  if (!isNode(node)) return [];
  const own = node.op === 'rcall' && LOOPS.includes(node.args[0]) ? [node.args[1]] : [];
  return [...own, ...loopsIn(node.args)];
}

function isPath(node: unknown): boolean {
  if (!isNode(node)) return false;
  if (node.op === 'id') return true;
  const isStep = node.op === '.' || node.op === '.?' || node.op === '[]' || node.op === '[?]';
  return isStep && isPath(node.args[0]);
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split('\n')[0] ?? message;
}
