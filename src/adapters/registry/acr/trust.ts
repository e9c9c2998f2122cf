/** Whose certificates are believed. */
import type { TlsSettings } from '@azure/core-rest-pipeline';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

/** What `undici`, Node and the Azure clients pass on to `tls.connect`. */
export type Trust = TlsSettings & { readonly secureContext?: SecureContext };

const NODE_DEFAULT: Trust = {};
const trusts = new Map<string, Trust>();

/**
 * TLS options that trust the given authorities (PEM) beside those that Node trusts by default; its `ca` option alone would
 * replace them. Reading more than a hundred certificates takes tens of milliseconds and would be repeated for every
 * connection: the context is built once. The Azure clients share connections among those who share this object.
 */
export function trust(ca: string | undefined): Trust {
  if (ca === undefined) return NODE_DEFAULT;
  const known = trusts.get(ca);
  if (known !== undefined) return known;
  const made: Trust = { secureContext: createSecureContext({ ca: [...getCACertificates('default'), ca] }) };
  trusts.set(ca, made);
  return made;
}
