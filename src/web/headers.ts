/** What every answer tells the browser: nothing from elsewhere, nowhere else to show it, nothing to keep. */

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  // for browsers that do not know frame-ancestors
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

/** Pages are what was true a moment ago, and may not lie in a cache that others read. */
export const NOT_KEPT = 'no-store';
/** The address of an asset changes with its content. */
export const KEPT = 'public, max-age=31536000, immutable';
