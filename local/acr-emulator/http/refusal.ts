/** "No" as the emulated service says it: a status, a code and a message, rendered in the dialect of the route. */

export interface RefusalOptions {
  readonly detail?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly options: RefusalOptions;

  constructor(status: number, code: string, message: string, options: RefusalOptions = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.options = options;
  }
}

/** Error form of the registry (`oci`), of Azure Resource Manager (`arm`) or of the login service (`oauth`). */
export type Dialect = 'oci' | 'arm' | 'oauth';

/** The JSON body with which a dialect says the refusal. */
export function refusalBody(refusal: Refusal, dialect: Dialect): unknown {
  if (dialect === 'arm') return { error: { code: refusal.code, message: refusal.message } };
  if (dialect === 'oauth') return oauthBody(refusal);
  const detail = refusal.options.detail;
  return { errors: [{ code: refusal.code, message: refusal.message, ...(detail === undefined ? {} : { detail }) }] };
}

/** As Entra: the number of the AADSTS code stands in a list of its own too. */
function oauthBody({ code, message }: Refusal): unknown {
  const number = /^AADSTS(\d+)/.exec(message)?.[1];
  return {
    error: code,
    error_description: message,
    ...(number === undefined ? {} : { error_codes: [Number(number)] }),
    timestamp: new Date().toISOString(),
  };
}

export function manifestUnknown(reference: string): Refusal {
  return new Refusal(404, 'MANIFEST_UNKNOWN', `manifest ${reference} is not found`, { detail: { Name: reference } });
}

export function nameUnknown(name: string): Refusal {
  return new Refusal(404, 'NAME_UNKNOWN', 'repository name not known to registry', { detail: { name } });
}

export function tagUnknown(tag: string): Refusal {
  return new Refusal(404, 'TAG_UNKNOWN', 'the specified tag does not exist', { detail: { name: tag } });
}

/** What ACR answers where an attribute forbids the act. */
export function disallowed(): Refusal {
  return new Refusal(
    405,
    'REGISTRY_DISALLOWED_OPERATION',
    'The operation is disallowed on this registry, repository or image. View troubleshooting steps at https://aka.ms/acr/faq/#why-does-my-pull-or-push-request-fail-with-disallowed-operation',
    { detail: {} },
  );
}
