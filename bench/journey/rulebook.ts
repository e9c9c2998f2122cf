/** The rules of a measurement, as `sluice.yaml` would give them once it is read. */
import type { EnvironmentRules, Rulebook, ServiceRules } from '../../src/domain/rulebook.ts';
import { digestOfJson } from '../../src/content/digest-of.ts';
import { type Setting, serviceName } from './setting.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export function rulebookOf(setting: Setting): Rulebook {
  const environments = Object.fromEntries(setting.path.map((name) => [name, environment(setting, name)]));
  const names = Array.from({ length: setting.services }, (_, index) => serviceName(index));
  const services = Object.fromEntries(names.map((name) => [name, service(setting, name)]));
  return {
    policyVersion: digestOfJson({ environments, services: names }),
    environments,
    services,
    ...guardians(setting),
    timing: {
      heartbeatMs: setting.heartbeatMs,
      retryForMs: 10 * MINUTE,
      attentionForMs: HOUR,
      pauseForMs: HOUR,
    },
  };
}

function guardians({ guardEveryMs, path }: Setting): Pick<Rulebook, 'guardians'> {
  if (guardEveryMs === undefined) return {};
  const rule = { everyMs: guardEveryMs, onDrift: 'alert' } as const;
  return { guardians: Object.fromEntries(path.map((name) => [name, rule])) };
}

export function hostOf(environment: string): string {
  return `${environment}.registry.example`;
}

function environment(setting: Setting, name: string): EnvironmentRules {
  return {
    name,
    registryHost: hostOf(name),
    lockImages: setting.locks.includes(name),
    rollOutTimeoutMs: 5 * MINUTE,
    firstRelease: 'remove',
    ...(setting.approvals.includes(name)
      ? {
          approval: {
            required: 1,
            from: ['release-managers'],
            notRequester: true,
            deadlineMs: setting.approvalForMs ?? HOUR,
          },
        }
      : {}),
  };
}

function service(setting: Setting, name: string): ServiceRules {
  return {
    name,
    repository: name,
    namespaces: Object.fromEntries(setting.path.map((environment) => [environment, name])),
    workloads: [`deployment/${name}`],
    path: setting.path,
    health: {
      service: name,
      port: 8080,
      path: '/health',
      attempts: 30,
      everyMs: 10_000,
      timeoutMs: 5_000,
      passes: 1,
      urls: {},
    },
  };
}
