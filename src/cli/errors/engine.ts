/** The engine itself. */
export const ENGINE_ERRORS = {
  'temporal-unreachable': {
    cause:
      'Temporal does not answer at its address, has no such namespace, refuses the credentials, or does not know the search attributes of Sluice.',
    remedy: 'Check TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_PROFILE; "sluice doctor" looks closer.',
  },
  'worker-missing': {
    cause: 'No worker serves the task queue, or it does not answer. Releases wait; nothing is lost.',
    remedy: 'Start a worker: sluice worker --engine, or sluice worker --environments <name>.',
  },
  'temporal-test-server-unavailable': {
    cause: "A rehearsal runs on Temporal's time-skipping test server, and this machine has none, or it does not start.",
    remedy:
      'In the checkout of Sluice: node local/tools/setup.mjs --only temporal-test-server; or name a program with SLUICE_TEMPORAL_TEST_SERVER.',
  },
  internal: {
    cause: 'A defect of Sluice, or something that nobody foresaw.',
    remedy: 'Report it, with the message and the output of "sluice doctor --json".',
  },
} as const;
