import type { GateFacts, GateVerdict, TicketGate } from '../../domain/gate.ts';
import { LONGEST_TICKET, patternProblem } from './ticket-pattern.ts';
import { no, yes } from './verdict.ts';

/** The release names a ticket, and the whole of it matches. Whether it exists, nobody asks. */
export function judgeTicket(rule: TicketGate, { ticket = '' }: GateFacts): GateVerdict {
  const asked = { expected: `a ticket like ${rule.pattern}`, remedy: 'start the release with its ticket' };
  if (ticket === '') return no(rule, 'the release names no ticket', asked);
  const broken = patternProblem(rule.pattern);
  if (broken !== undefined) return no(rule, `its pattern cannot be used: ${broken}`, asked);
  if (ticket.length > LONGEST_TICKET) return no(rule, `a ticket has at most ${LONGEST_TICKET} characters`, asked);
  if (new RegExp(`^(?:${rule.pattern})$`, 'u').test(ticket)) return yes(rule, `ticket ${ticket}`);
  return no(rule, `"${ticket}" is no such ticket`, { ...asked, got: ticket });
}
