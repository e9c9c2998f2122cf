/** Evidence of releases. */
export const EVIDENCE_ERRORS = {
  'evidence-unreadable': {
    cause: 'The file is no evidence, was cut off, added to or altered in its structure: nothing can be said about it.',
    remedy: 'Take the file as it was exported, or export it again with "sluice evidence export".',
  },
  'evidence-incomplete': {
    cause:
      'No whole evidence can be made: a history or an artefact is gone, or there is more beside the image than a file can hold.',
    remedy: 'Take the evidence that was made when the release ended; see what is kept for how long.',
  },
} as const;
