/** Every default of `sluice.yaml`, once. Durations as people write them. */

export const CONFIG_FILE = 'sluice.yaml';

export const REGISTRY_SUFFIX = '.azurecr.io';
export const RESOURCE_MANAGER = 'https://management.azure.com';

export const ROLL_OUT = { timeout: '300s', firstRelease: 'remove' } as const;

export const APPROVAL = { required: 1, not: ['requester'], expiresAfter: '3d' } as const;

export const APPROVAL_POLICY = { order: 'any-order', atDeadline: 'reject' } as const;

export const IDENTITY = { groupsClaim: 'groups' } as const;

export const HEALTH = { port: 8080, path: '/health', attempts: 30, every: '10s', timeout: '5s', passes: 1 } as const;

export const ENGINE = { heartbeat: '10s', retryFor: '10m', attentionFor: '3d', pauseFor: '24h' } as const;

export const GUARDIAN = { every: '10m', onDrift: 'alert', shortest: '1m', longest: '1d' } as const;

export const NOTIFICATION = { format: 'cloudevents' } as const;

export const CHECK = { timeout: '10s', longest: '15s' } as const;
