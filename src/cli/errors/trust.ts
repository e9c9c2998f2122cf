/** Signatures, approvals, plans. */
export const TRUST_ERRORS = {
  'not-admitted': {
    cause:
      'The environment was asked to change something that it has not let in: the plan, the way back or the approvals are not what it checked itself, another promotion was let in since, or this one has ended. Somebody may be talking to the task queue by hand.',
    remedy:
      'Look at who asked (the workflow in the Temporal UI, the worker\'s log). Abort a promotion that another one has displaced; start releases with "sluice start".',
  },
  'signature-missing': {
    cause: 'The image carries no Cosign signature, neither as a referrer nor under its signature tag.',
    remedy: 'Sign the image by digest with cosign, then start a new version (or "retry" while it waits).',
  },
  'signature-untrusted': {
    cause:
      'The image is signed, but by no key and no identity that "trust" lists, or the signature is for another digest.',
    remedy: 'Sign it with a trusted key or identity; change "trust" only if the signer is meant to be trusted.',
  },
  'approval-not-open': {
    cause: 'The promotion asks nobody at the moment: not yet, or not any more.',
    remedy: 'Look at it with "sluice status" and answer when it waits for approval.',
  },
  'approval-other-plan': {
    cause:
      'The answer is for another plan than the one that waits: it was given by an old digest, or the plan has changed.',
    remedy: 'Look at the plan again with "sluice status" and answer that one.',
  },
  'approval-duplicate': {
    cause: 'The same person has answered already; every person counts once.',
    remedy: 'Ask another person of the group.',
  },
  'approval-excluded': {
    cause: 'The rule excludes this person, usually because they started the release.',
    remedy: 'Ask another person of the group.',
  },
  'approval-reason-missing': {
    cause: 'A no without a reason helps nobody.',
    remedy: 'Say why, with --reason.',
  },
  'approval-malformed': {
    cause: 'The answer is not of the form that the contract describes, or names nobody.',
    remedy: 'Answer with "sluice approve" or "sluice reject"; set SLUICE_USER if your name is empty.',
  },
  'approval-unproven': {
    cause: 'The answer carries no proof, or a wrong one, of who gave it.',
    remedy: 'Answer again as yourself, with the proof that the approval rule asks for.',
  },
  'approval-rejected': {
    cause: 'Somebody said no.',
    remedy: 'Read the reason in "sluice status", repair it, and start a new version.',
  },
  'approval-expired': {
    cause: 'Nobody, or not enough people, answered in time.',
    remedy: 'Start a new version and tell the approvers; "expiresAfter" sets the time.',
  },
  'plan-changed': {
    cause:
      'Between plan and deed something changed that the plan depends on: the configuration, or what runs in the environment.',
    remedy: 'Look at what is there now; start again, so that people decide on a plan that is true.',
  },
} as const;
