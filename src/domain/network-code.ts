/** `ECONNREFUSED`, `UND_ERR_SOCKET`: what a failed request says of itself without its message, which may name an address that is secret. */
export function networkCodeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return networkCodeOf(error.errors[0]);
  if (!(error instanceof Error)) return 'no answer';
  const { code } = error as { readonly code?: unknown };
  if (typeof code === 'string') return code;
  return error.cause instanceof Error ? networkCodeOf(error.cause) : error.name;
}
