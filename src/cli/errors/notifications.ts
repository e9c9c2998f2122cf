/** Telling others. None of these holds up a release. */
export const NOTIFICATION_ERRORS = {
  'notification-unreachable': {
    cause: 'The receiver does not answer, not in time, or with a status of 5xx. It is tried again for a day.',
    remedy: 'Check its address, the network between, and the receiver itself.',
  },
  'notification-throttled': {
    cause:
      'The receiver asks to be left alone for a while (429, or 503 with Retry-After), or as many events as one receiver may have are on their way to it. It is tried again after that.',
    remedy: 'Let it hear of less ("on", "environments", "services").',
  },
  'notification-refused': {
    cause:
      'The receiver answers that it does not want the request (a status of 3xx or 4xx). It is not tried again; redirects are not followed.',
    remedy: 'Read the status; check address, format and signing secret.',
  },
  'notification-misconfigured': {
    cause:
      'The worker cannot build the request: a variable or file that the configuration names is missing there, the secret is not of the form whsec_…, the address is not https, or this worker knows no receiver of that name.',
    remedy: 'Give the engine\'s worker what "notifications" in its sluice.yaml names, and restart it.',
  },
} as const;
