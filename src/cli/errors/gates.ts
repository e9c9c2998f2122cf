/** Gates and their overrides, and taking turns. */
export const GATE_ERRORS = {
  'gate-closed': {
    cause:
      'A gate of the environment says no (the order, the ticket, an expression, somebody outside who was asked): waiting would not change that; or somebody may pass it ("override"), and nobody did in time. Or gates that could have opened (a freeze, hours, a soak time, a stop, a hold) stayed closed for the thirty days that a promotion waits.',
    remedy:
      'Read which gate it was, and its reason; "sluice gates test" prints every verdict for a time and facts of your choice. Start a new version when they are open.',
  },
  'gate-override-refused': {
    cause:
      'The environment has no gate of this name, or nobody may override it, or the person may pass another of the gates that were named and not this one (who may pass none of them: approval-wrong-group). Who may pass a stop or a hold stands under "overrides" of the environment, not beside a gate; where that is missing, nobody may.',
    remedy:
      'Ask somebody of a group that "override" of the gate lists (for stop and hold: "overrides: { stop: […], hold: […] }"). A stop or a hold can also be lifted: "sluice thaw", "sluice hold lift".',
  },
  'turn-expired': {
    cause: 'The promotion waited for its turn in the environment for thirty days.',
    remedy: 'See who is in the way with "sluice environment <name>", end or abort it, then start a new version.',
  },
  'turn-superseded': {
    cause:
      'A newer version of the service waits for the same environment, enters it or runs there, and it takes the latest only ("turns: latest").',
    remedy:
      'Nothing: the newer version brings what this one would have. An older one that is wanted all the same is started with "--allow-older"; to have every version enter, set "turns: queue".',
  },
  'rollback-impossible': {
    cause:
      'The environment remembers no such version that ran well there before the present one; it keeps the last ten. What was rolled back before is gone back to only by name (--to).',
    remedy:
      'Go back to one that the message lists, or release a version that mends the trouble ("sluice start … --hot-fix").',
  },
  'adoption-blocked': {
    cause:
      'A service that runs without Sluice lacks what managing it needs: one digest, a version, published manifests, an entry in sluice.yaml.',
    remedy: 'Mend everything that "sluice adopt" lists, then look again. Nothing was changed.',
  },
  'adoption-changed': {
    cause:
      'What runs, its manifests or the rules are not what was looked at and signed, or somebody was let in meanwhile.',
    remedy: 'Look again with "sluice adopt", and adopt what is found then.',
  },
  'turn-lost': {
    cause:
      'The environment has let in a later lease: this promotion lost its own, because its workflow was reset or the desk of the environment was lost.',
    remedy: 'Abort it. Start a new version if it is still wanted.',
  },
} as const;
