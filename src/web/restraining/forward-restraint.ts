/** A stop, a hold, or the end of one, from a page: handed on under the name of whoever may say so here. */
import { ReleaseEngineError } from '../../client/index.ts';
import type { RestraintAnswer } from '../../contract/environment-workflow.ts';
import { LONGEST_REASON } from '../../domain/said.ts';
import type { Visit } from '../answering/visit.ts';
import { type Restrainer, type Restraining, restrainingAt } from './restraining.ts';

type Fields = Readonly<Record<string, unknown>>;

const ACTIONS = ['stop', 'thaw', 'hold', 'lift'] as const;
type Action = (typeof ACTIONS)[number];

/** Throws what the client does, and `login-missing`, `command-not-possible` or `input-invalid` for what is not even handed on. */
export async function forwardRestraint(
  fields: Fields,
  visit: Visit,
  restraining: Restraining,
  restrainer: () => Promise<Restrainer>,
): Promise<RestraintAnswer> {
  const by = nameOf(fields, visit, restrainingAt(visit, restraining));
  const action = actionOf(fields);
  const scope = { environment: textOf(fields, 'environment'), by, ...optionalText(fields, 'service') };
  const reason = textOf(fields, 'reason');
  if (action === 'thaw') return (await restrainer()).thaw({ ...scope, reason });
  if (action === 'lift') return (await restrainer()).liftHold({ ...scope, reason });
  const said = { ...scope, reason, ...optionalText(fields, 'incident'), ...optionalTime(fields) };
  return (await restrainer())[action](said);
}

/** Of whoever is signed in; what the page itself says about that is not looked at. */
function nameOf(fields: Fields, { person }: Visit, restraining: Restraining): string {
  switch (restraining.kind) {
    case 'none':
      throw new ReleaseEngineError('command-not-possible', 'nobody stops or holds anything with this server', {
        remedy: 'use the command that the page shows',
      });
    case 'named':
      return textOf(fields, 'by');
    case 'signed-in':
      if (person !== undefined) return person.subject;
      throw new ReleaseEngineError('login-missing', 'nobody is signed in here', {
        remedy: 'sign in on the page and say it again',
      });
  }
}

function actionOf({ action }: Fields): Action {
  const known = ACTIONS.find((one) => one === action);
  if (known === undefined) throw malformed('action');
  return known;
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string' || value.trim() === '' || value.length > LONGEST_REASON) throw malformed(name);
  return value.trim();
}

function optionalText<Name extends string>(fields: Fields, name: Name): { readonly [Key in Name]?: string } {
  return fields[name] === undefined ? {} : ({ [name]: textOf(fields, name) } as { [Key in Name]: string });
}

function optionalTime({ forMs }: Fields): { readonly forMs?: number } {
  if (forMs === undefined) return {};
  if (typeof forMs !== 'number' || !Number.isFinite(forMs) || forMs <= 0) throw malformed('forMs');
  return { forMs };
}

function malformed(field: string): ReleaseEngineError {
  return new ReleaseEngineError('input-invalid', `what was sent has no good "${field}"`, {
    remedy: 'reload the page and say it again',
  });
}
