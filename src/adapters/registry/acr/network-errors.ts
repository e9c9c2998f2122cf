/** Failures without an answer: the network, TLS, time, and the identity that could not be had. */
import { PortError } from '../../../ports/port-error.ts';
import { type Attempt } from './errors.ts';
import { safeCause, safeText } from './redaction.ts';

const TLS_CODES =
  /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|HOSTNAME_MISMATCH|INVALID_CA)/;
const NAME_CODES = ['ENOTFOUND', 'EAI_AGAIN'];
const TIMEOUT = /TIMEOUT|^TimeoutError$|^ETIMEDOUT$/i;

/** Maps what `undici` or an Azure client threw when nothing answered. */
export function errorOfNetwork(attempt: Attempt, thrown: unknown): PortError {
  const reason = reasonOf(thrown);
  return new PortError('registry-unreachable', `could not ${attempt.what} at ${attempt.host}: ${reason}`, {
    retry: TLS_CODES.test(codeOf(thrown) ?? '') ? 'no' : 'yes',
    expected: `an answer from ${attempt.host}`,
    got: reason,
    remedy: remedyOf(codeOf(thrown), attempt.host),
    cause: safeCause(thrown),
  });
}

/** Maps what `@azure/identity` threw: there is nobody to act as. */
export function errorOfIdentity(attempt: Attempt, thrown: unknown): PortError {
  const name = thrown instanceof Error ? thrown.name : 'Error';
  const unavailable = name === 'CredentialUnavailableError' || name === 'AggregateAuthenticationError';
  const reason = safeText(thrown instanceof Error ? thrown.message : String(thrown));
  return new PortError(
    'registry-unauthorized',
    `could not ${attempt.what} at ${attempt.host}: no identity to act as: ${reason}`,
    {
      // An identity endpoint may be slow to come up; an identity provider that said no will say it again.
      retry: unavailable ? 'yes' : 'no',
      expected: 'a token from Microsoft Entra ID',
      got: reason,
      remedy:
        'give the worker a managed or workload identity, and check the configured clientId; on a laptop: az login',
      cause: safeCause(thrown),
    },
  );
}

/** System or library code of a failure, or of the failure inside it. */
export function codeOf(thrown: unknown): string | undefined {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const code = (at as NodeJS.ErrnoException).code;
    if (typeof code === 'string' && code !== 'REQUEST_SEND_ERROR') return code;
    const inner = at instanceof AggregateError ? codeOf(at.errors[0]) : undefined;
    if (inner !== undefined) return inner;
    if (at.name === 'TimeoutError') return at.name;
  }
  return undefined;
}

function reasonOf(thrown: unknown): string {
  const code = codeOf(thrown);
  const message = safeText(thrown instanceof Error ? thrown.message : String(thrown));
  if (code === undefined) return message === '' ? 'no answer' : message;
  if (TIMEOUT.test(code)) return `no answer in time (${code})`;
  return message.includes(code) || message === '' ? (message === '' ? code : message) : `${code}: ${message}`;
}

function remedyOf(code: string | undefined, host: string): string {
  if (TLS_CODES.test(code ?? '')) return `trust the certificate of ${host}: set registry.caFile to its authority (PEM)`;
  if (NAME_CODES.includes(code ?? ''))
    return `check the name ${host} and the worker's DNS (private endpoints need their zone)`;
  return `check that ${host} is up and that firewalls and proxies let the worker reach it`;
}
