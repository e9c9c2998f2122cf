/** What the control plane writes down: every change that an account made, and nothing that its own parts do. */
import { NODE_ACCOUNT } from './access.ts';

/** `audit.k8s.io/v1` Policy; the first rule that matches decides. Metadata only: bodies may hold secrets. */
export const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', users: [`system:serviceaccount:${NODE_ACCOUNT.namespace}:${NODE_ACCOUNT.name}`] },
    // Questions about rights are POSTs that change nothing.
    { level: 'None', resources: [{ group: 'authorization.k8s.io' }, { group: 'authentication.k8s.io' }] },
    {
      level: 'Metadata',
      userGroups: ['system:serviceaccounts'],
      verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
    },
    { level: 'None' },
  ],
} as const;
