/** A line that a service wrote becomes evidence that is kept for ever, so what looks like a secret is taken out of it. */

const REDACTED = '[redacted]';

const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, REDACTED],
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]+:)[^\s@]+@/gi, `$1${REDACTED}@`],
  [
    /(["']?[\w.-]*(?:password|passwd|pwd|secret|token|api[-_]?key|accountkey|access[-_]?key|credential)[\w.-]*["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&]+)/gi,
    `$1${REDACTED}`,
  ],
  [/-----BEGIN [^-]*PRIVATE KEY-----.*/g, REDACTED],
];

export function redactLine(line: string): string {
  return SECRETS.reduce((text, [pattern, by]) => text.replace(pattern, by), line);
}
