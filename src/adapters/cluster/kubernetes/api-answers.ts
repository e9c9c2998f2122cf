/**
 * What the API server's answers mean (reference: Kubernetes 1.36, `kind: Status`). The class of an answer follows from code, reason
 * and, where the server gives nothing better, the message.
 */
import { type ErrorCode } from '../../../domain/error-code.ts';
import { PortError, type Retry } from '../../../ports/port-error.ts';
import type { ApiStatus } from './kubernetes-objects.ts';

/** What was asked, for messages and for the right that may be missing. */
export interface Asked {
  /** Verb of RBAC: `get`, `list`, `watch`, `patch`, `delete`. */
  readonly verb: string;
  /** Resource with its group, as RBAC names it: `deployments.apps`, `pods`. */
  readonly resource: string;
  readonly namespace?: string;
  /** `deployment/iam`. */
  readonly what: string;
}

export interface ApiAnswer {
  readonly code: number;
  readonly status: ApiStatus;
  readonly retryAfterMs?: number;
}

/** Denials by webhooks (any code), by ValidatingAdmissionPolicy (422), by Pod Security (403). */
const DENIED = /admission webhook .* denied the request|denied request:|violates PodSecurity/;
/** Server-side apply of a field that the schema does not know is a 500 (kubernetes#139253): never worth a second try. */
const SCHEMA = /failed to create typed patch object|field not declared in schema|strict decoding error/;
/** A webhook that says neither `sideEffects: None` nor `NoneOnDryRun`: a 400, and no word about the object. */
const NO_DRY_RUN = /admission webhook .* does not support dry run/;
const QUOTA = /exceeded quota/;
const RIGHT = /cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/;
const NO_PERMISSION_YET = /RBAC: .* not found/;

export function errorFor(answer: ApiAnswer, asked: Asked): PortError {
  const { code } = answer;
  const message = answer.status.message ?? `HTTP ${code}`;
  const about = (text: string): string => `${asked.what}: ${text}`;
  if (code === 401) return unauthorized(message);
  if (code === 400 && NO_DRY_RUN.test(message))
    return no(
      'dry-run-unsupported',
      about(message),
      'whoever keeps the webhook can say "sideEffects: NoneOnDryRun" of it',
    );
  if (code < 500 && DENIED.test(message))
    return no('admission-denied', about(message), 'change what the policy objects to');
  if (code === 403) return forbidden(answer, asked, message);
  if (code === 404) return notFound(answer, asked, message);
  if (code === 409) return conflict(answer, asked, message);
  if (code === 410) return new PortError('cluster-failing', about(message), { retry: 'yes' });
  if (code === 429)
    return new PortError('cluster-failing', `the cluster is overloaded: ${message}`, { retry: later(answer) });
  if (code < 500 || SCHEMA.test(message)) {
    return no('manifest-rejected', about(message), `correct ${asked.what} in the manifests and start a new version`);
  }
  return new PortError('cluster-failing', about(`the cluster answered ${code}: ${message}`), { retry: later(answer) });
}

export function namespaceMissing(namespace: string, got: string): PortError {
  return new PortError('namespace-missing', `the cluster has no usable namespace "${namespace}"`, {
    retry: 'no',
    expected: `namespace ${namespace}`,
    got,
    remedy: `create it: kubectl create namespace ${namespace}`,
  });
}

function unauthorized(got: string): PortError {
  return new PortError('cluster-unauthorized', 'the cluster does not accept the credentials', {
    retry: 'no',
    got,
    remedy:
      'check the user of the kubeconfig (expired token or certificate?), or the role "Azure Kubernetes Service Cluster User Role"',
  });
}

function forbidden(answer: ApiAnswer, asked: Asked, message: string): PortError {
  if (hasCause(answer, 'NamespaceTerminating')) return namespaceMissing(asked.namespace ?? '', message);
  if (QUOTA.test(message))
    return no('quota-exceeded', `${asked.what}: ${message}`, 'raise the quota or free some of it');
  const right = RIGHT.exec(message);
  if (right === null && message.includes('cannot ') === false && !NO_PERMISSION_YET.test(message)) {
    return no('admission-denied', `${asked.what}: ${message}`, 'change what the cluster objects to');
  }
  const [, verb = asked.verb, plural, group, namespace = asked.namespace] = right ?? [];
  const resource = plural === undefined ? asked.resource : group ? `${plural}.${group}` : plural;
  const place = namespace === undefined ? 'in the cluster' : `in namespace ${namespace}`;
  return new PortError('cluster-forbidden', `${asked.what}: the account may not ${verb} ${resource} ${place}`, {
    retry: 'no',
    expected: `the right to ${verb} ${resource} ${place}`,
    got: message,
    remedy: `grant it in a Role ${place}: ${rule(resource, verb)}`,
  });
}

/** A rule as a Role would carry it, with all verbs that Sluice needs for this kind of thing (docs: rights of the worker). */
function rule(resource: string, verb: string): string {
  const [plural = resource, ...group] = resource.split('.');
  const applied = ['get', 'list', 'watch', 'create', 'patch', 'delete'];
  const observed = ['get', 'list', 'watch'];
  const verbs = OBSERVED.includes(plural) ? [...new Set([...observed, verb])] : applied;
  return `apiGroups: ["${group.join('.')}"], resources: ["${plural}"], verbs: ${JSON.stringify(verbs)}`;
}

const OBSERVED = ['pods', 'replicasets', 'controllerrevisions', 'events', 'pods/log'];

function notFound(answer: ApiAnswer, asked: Asked, message: string): PortError {
  if (answer.status.details?.kind === 'namespaces') return namespaceMissing(asked.namespace ?? '', message);
  return no('manifest-rejected', `${asked.what}: ${message}`, 'use a kind and version that this cluster serves');
}

function conflict(answer: ApiAnswer, asked: Asked, message: string): PortError {
  const other = hasCause(answer, 'FieldManagerConflict');
  return new PortError('apply-conflict', `${asked.what}: ${message}`, {
    retry: other ? 'no' : 'yes',
    remedy: 'find out who else writes this object',
  });
}

function hasCause({ status }: ApiAnswer, reason: string): boolean {
  return status.details?.causes?.some((one) => one.reason === reason) ?? false;
}

function later({ retryAfterMs }: ApiAnswer): Retry {
  return retryAfterMs === undefined ? 'yes' : { afterMs: retryAfterMs };
}

function no(code: ErrorCode, message: string, remedy: string): PortError {
  return new PortError(code, message, { retry: 'no', remedy });
}
