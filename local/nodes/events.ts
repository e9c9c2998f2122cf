/** Kubernetes Events, as people read them in `kubectl describe`. Best effort: an event that cannot be written stops nothing. */
import type { V1ObjectMeta } from '@kubernetes/client-node';
import type { KubeApi } from '../control-plane/kube-api.ts';

export interface About {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: V1ObjectMeta;
}

export interface Events {
  normal(about: About, reason: string, message: string): void;
  warning(about: About, reason: string, message: string): void;
}

const COMPONENT = 'simulated-node';

/** `failed` hears of events that could not be written. */
export function eventsTo(api: KubeApi, host: string, failed: (error: Error) => void): Events {
  let count = 0;
  const write = (type: 'Normal' | 'Warning', about: About, reason: string, message: string): void => {
    const { name = '', namespace = 'default', uid = '' } = about.metadata ?? {};
    const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    api
      .create(`/api/v1/namespaces/${namespace}/events`, {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${name}.${Date.now().toString(16)}${(count++).toString(16)}`, namespace },
        involvedObject: { apiVersion: 'v1', kind: about.kind ?? 'Pod', name, namespace, uid },
        type,
        reason,
        message: message.slice(0, 1024),
        source: { component: COMPONENT, host },
        reportingComponent: COMPONENT,
        reportingInstance: host,
        firstTimestamp: at,
        lastTimestamp: at,
        count: 1,
      })
      .catch(failed);
  };
  return {
    normal: (about, reason, message) => write('Normal', about, reason, message),
    warning: (about, reason, message) => write('Warning', about, reason, message),
  };
}
