/** Addresses that things may be sent to. */

const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

/** Nobody on the way can read or change what is said: https, or a machine that speaks to itself. */
export function isPrivateAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isOwnAddress(text));
}

/** This machine. */
export function isOwnAddress(text: string): boolean {
  return URL.canParse(text) && LOOPBACK.includes(new URL(text).hostname);
}
