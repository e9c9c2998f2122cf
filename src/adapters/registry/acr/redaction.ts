/** Making other people's text fit for logs and errors: no tokens, no signed query strings, one line, bounded. */

const MAXIMUM = 300;
const JWT = /\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)*/g;
const SECRET_PAIR =
  /\b(access_token|refresh_token|id_token|identity_header|client_secret|client_assertion|password|sig|assertion)(["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi;
const AUTHORIZATION = /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi;
/** Azure Resource Manager signs operation URLs in their query, storage signs blob URLs there. */
const URL_QUERY = /(https?:\/\/[^\s"'<>?]+)\?[^\s"'<>]*/gi;

/** One line of at most 300 characters in which nothing opens a door. */
export function safeText(text: string): string {
  const clean = text
    .replace(URL_QUERY, '$1')
    .replace(JWT, '<token>')
    .replace(AUTHORIZATION, '$1 <token>')
    .replace(SECRET_PAIR, '$1$2<secret>')
    .replace(/\s+/g, ' ')
    .trim();
  return clean.length <= MAXIMUM ? clean : `${clean.slice(0, MAXIMUM)}…`;
}

/** An error with only a name and a clean message: vendors' errors drag requests, headers and bodies along. */
export function safeCause(cause: unknown): Error {
  if (!(cause instanceof Error)) return new Error(safeText(String(cause)));
  const copy = new Error(safeText(cause.message));
  copy.name = cause.name;
  copy.stack = `${copy.name}: ${copy.message}`;
  return copy;
}
