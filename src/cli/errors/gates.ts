/** Gates and their overrides. */
export const GATE_ERRORS = {
  'gate-closed': {
    cause:
      'A gate of the environment says no, and waiting would not change that: the order, the ticket, an expression, somebody outside who was asked.',
    remedy: 'Read the reason; "sluice gates test" prints every verdict for a time and facts of your choice.',
  },
  'gate-override-refused': {
    cause: 'The gate may not be overridden, or not by this person, or no reason was given.',
    remedy: 'Ask somebody of a group that "override" of the gate lists, and say why.',
  },
} as const;
