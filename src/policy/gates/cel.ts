/**
 * CEL over the facts of a gate. Everything that could take long is refused when the expression is read: the limits below bound what
 * is left, whatever the facts are.
 */
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import type { GateFacts } from '../../domain/gate.ts';

const LONGEST_EXPRESSION = 500;
const LIMITS = { maxAstNodes: 200, maxDepth: 30, maxListElements: 50, maxMapEntries: 20, maxCallArguments: 8 };
/** Two loops of which one may stand in the other. */
const MOST_LOOPS = 2;
const LONGEST_TEXT = 256;
const MOST_ENVIRONMENTS = 20;

const LOOPS = ['all', 'exists', 'exists_one', 'map', 'filter'];
/** `matches` backtracks without bound, `bind` doubles what it names as often as it is nested. */
const REFUSED = ['matches', 'bind'];

/** One of `running`. A class, because the library tells types apart by their constructor. */
class Running {
  readonly environment: string;
  readonly version: string;
  readonly digest: string;
  readonly since: Date;

  constructor(one: GateFacts['running'][number]) {
    this.environment = short(one.environment);
    this.version = short(one.version);
    this.digest = short(one.digest);
    this.since = new Date(one.since);
  }
}

const WORLD = new Environment({ limits: LIMITS, homogeneousAggregateLiterals: true, unlistedVariablesAreDyn: false })
  .registerType('Running', {
    ctor: Running,
    fields: { environment: 'string', version: 'string', digest: 'string', since: 'google.protobuf.Timestamp' },
  })
  .registerVariable('at', 'google.protobuf.Timestamp')
  .registerVariable('service', 'string')
  .registerVariable('version', 'string')
  .registerVariable('digest', 'string')
  .registerVariable('environment', 'string')
  .registerVariable('requestedBy', 'string')
  .registerVariable('ticket', 'string')
  .registerVariable('allowOlder', 'bool')
  .registerVariable('running', 'list<Running>');

export type Evaluated = { readonly ok: true; readonly value: boolean } | { readonly ok: false; readonly why: string };

/** Why an expression is refused, or undefined: it parses, its types fit, it says yes or no, and its cost is bounded. */
export function expressionProblem(expression: string): string | undefined {
  if (expression.length > LONGEST_EXPRESSION) return `it is longer than ${LONGEST_EXPRESSION} characters`;
  try {
    const parsed = WORLD.parse(expression);
    const calls = callsOf(parsed.ast);
    const refused = calls.find((name) => REFUSED.includes(name));
    if (refused !== undefined) return `"${refused}" is not allowed: its cost has no bound`;
    const loops = calls.filter((name) => LOOPS.includes(name)).length;
    if (loops > MOST_LOOPS) return `it has more than ${MOST_LOOPS} of ${LOOPS.join(', ')}`;
    const checked = parsed.check();
    if (!checked.valid) return firstLine(checked.error);
    return checked.type === 'bool' ? undefined : `it is ${checked.type ?? 'nothing'}; expected bool`;
  } catch (cause) {
    return firstLine(cause);
  }
}

export function evaluate(expression: string, facts: GateFacts): Evaluated {
  const problem = expressionProblem(expression);
  if (problem !== undefined) return { ok: false, why: problem };
  if (facts.running.length > MOST_ENVIRONMENTS)
    return { ok: false, why: `more than ${MOST_ENVIRONMENTS} environments` };
  try {
    const value: unknown = WORLD.parse(expression)(variablesOf(facts));
    return typeof value === 'boolean' ? { ok: true, value } : { ok: false, why: 'it says neither true nor false' };
  } catch (cause) {
    return { ok: false, why: firstLine(cause) };
  }
}

function variablesOf(facts: GateFacts): Readonly<Record<string, unknown>> {
  return {
    at: new Date(facts.at),
    service: short(facts.service),
    version: short(facts.version),
    digest: short(facts.digest),
    environment: short(facts.environment),
    requestedBy: short(facts.requestedBy),
    ticket: short(facts.ticket ?? ''),
    allowOlder: facts.allowOlder,
    running: facts.running.map((one) => new Running(one)),
  };
}

/** Names of everything that is called, however deep. */
function callsOf(node: unknown): readonly string[] {
  if (Array.isArray(node)) return node.flatMap(callsOf);
  if (!isNode(node)) return [];
  const own = node.op === 'call' || node.op === 'rcall' ? [node.args[0]] : [];
  return [...own, ...callsOf(node.args)];
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

function short(text: string): string {
  if (text.length > LONGEST_TEXT) throw new RangeError(`a fact is longer than ${LONGEST_TEXT} characters`);
  return text;
}

function firstLine(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split('\n')[0] ?? message;
}
