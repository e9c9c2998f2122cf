/** Where a Service's load balancer listens. */
import type { ApiClient } from './api-client.ts';

const NOT_FOUND = 404;

interface Service {
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
  };
}

/** IP or name; undefined: no such Service, or no address (yet). */
export async function serviceAddress(
  api: ApiClient,
  namespace: string,
  service: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(service)}`;
  const asked = { verb: 'get', resource: 'services', namespace, what: `service/${service}` };
  const { code, body } = await api.call({ method: 'GET', path, asked, signal }, [NOT_FOUND]);
  if (code === NOT_FOUND) return undefined;
  const [first] = (body as Service).status?.loadBalancer?.ingress ?? [];
  return first?.ip ?? first?.hostname;
}
