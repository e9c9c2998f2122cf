/** CEL over the facts of a gate, which are bounded as the expressions are. */
import type { GateFacts } from '../../domain/gate.ts';
import { boundedWorld, type Evaluated, evaluateIn, problemIn } from '../cel/bounded.ts';

const LONGEST_TEXT = 256;
const MOST_ENVIRONMENTS = 20;

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

const LANGUAGE = {
  world: boundedWorld()
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
    .registerVariable('running', 'list<Running>'),
};

/** Why an expression is refused, or undefined: it parses, its types fit, it says yes or no, and its cost is bounded. */
export function expressionProblem(expression: string): string | undefined {
  return problemIn(LANGUAGE, expression);
}

export function evaluate(expression: string, facts: GateFacts): Evaluated {
  if (facts.running.length > MOST_ENVIRONMENTS)
    return { ok: false, why: `more than ${MOST_ENVIRONMENTS} environments` };
  return evaluateIn(LANGUAGE, expression, () => variablesOf(facts));
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

function short(text: string): string {
  if (text.length > LONGEST_TEXT) throw new RangeError(`a fact is longer than ${LONGEST_TEXT} characters`);
  return text;
}
