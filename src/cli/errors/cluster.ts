/** Clusters and what runs in them. */
export const CLUSTER_ERRORS = {
  'cluster-unreachable': {
    cause: 'The Kubernetes API cannot be reached: address, network, certificate, or the cluster is stopped.',
    remedy: 'Check kubeconfig and network; it is tried again by itself.',
  },
  'cluster-unauthorized': {
    cause: 'The cluster does not accept the identity.',
    remedy: 'Renew the credentials of the kubeconfig, or check the identity of the worker.',
  },
  'cluster-forbidden': {
    cause: 'The identity is known and lacks a right in the namespace. The message names verb and resource.',
    remedy: 'Add the right to the Role of the worker (docs of RBAC), then "sluice retry".',
  },
  'cluster-failing': {
    cause: 'The Kubernetes API answers with an error of its own (5xx, or too many requests).',
    remedy: 'Nothing at first: it is tried again. If it stays, look at the control plane.',
  },
  'namespace-missing': {
    cause: 'The namespace of the service does not exist in this cluster.',
    remedy: 'Create it; Sluice does not own namespaces. Or correct "namespace" of the service.',
  },
  'manifest-rejected': {
    cause: 'The API server does not accept an object: unknown field, wrong value, immutable field, unknown kind.',
    remedy: 'Correct the manifest and release it as a new version.',
  },
  'admission-denied': {
    cause: 'A policy of the cluster (webhook or ValidatingAdmissionPolicy) said no.',
    remedy: 'Read its message; change the manifest, not the policy, unless the policy is wrong.',
  },
  'dry-run-unsupported': {
    cause: 'A webhook of the cluster does not support dry runs, so nothing that it looks at can be tried beforehand.',
    remedy: 'Nothing: the plan compares manifests only, and the webhook is asked when they are applied.',
  },
  'apply-conflict': {
    cause: 'Another field manager owns a field that the manifest sets.',
    remedy: 'Find out who manages it (the message names it); take the field out of one of the two.',
  },
  'image-pull-failed': {
    cause: "A node could not pull an image. The message is the node's own.",
    remedy: 'Check the pull rights of the nodes and the network to the registry.',
  },
  'crash-loop': {
    cause: 'A container starts and ends again and again. The end of its log is in the message.',
    remedy: 'Read the log; repair the service and release a new version.',
  },
  'container-not-startable': {
    cause: 'A container cannot be created: missing ConfigMap, Secret or key, bad command, forbidden setting.',
    remedy: 'Create what is missing, or correct the manifest.',
  },
  'quota-exceeded': {
    cause: 'The namespace has no room for the new pods.',
    remedy: 'Raise the ResourceQuota, or lower requests or the surge of the roll-out.',
  },
  unschedulable: {
    cause: 'No node can take the new pods: resources, selectors, taints, volumes.',
    remedy: 'Add nodes, or correct what the pods ask for.',
  },
  'progress-deadline': {
    cause: 'The Deployment made no progress within its own progressDeadlineSeconds.',
    remedy: 'Look at its pods and events; raise the deadline only if they are just slow.',
  },
  'roll-out-timeout': {
    cause: 'The roll-out did not complete within rollOut.timeout.',
    remedy: 'Look at the pods; raise rollOut.timeout only if they are just slow.',
  },
  'roll-out-interfered': {
    cause: 'Somebody else changed the workload while it was rolled out.',
    remedy: 'Find out who (field managers name it), agree, then "sluice retry".',
  },
  'scaled-to-zero': {
    cause: 'The workload wants no replica, so nothing can be proven about it.',
    remedy: 'Scale it up, or take it out of "workloads".',
  },
  'workload-missing': {
    cause: 'A configured workload does not exist in the namespace after the manifests were applied.',
    remedy: 'Correct "workloads" of the service, or add it to the manifests.',
  },
  'running-digest-mismatch': {
    cause: 'The ready pods run another digest than the one that was released.',
    remedy: 'Look for webhooks or mirrors that change images, and for a second deployer.',
  },
  'object-missing': {
    cause: 'A guardian does not find an object any more that a promotion applied.',
    remedy:
      'Look for whoever removed it; release the same image again under a new version, or leave it with "sluice rollback" for what ran before.',
  },
  'not-ready': {
    cause: 'A guardian found no ready pod of a workload.',
    remedy: 'Look at its pods and their events.',
  },
  'record-gone': {
    cause: 'A guardian does not find what a promotion left as its record, or finds something else in its place.',
    remedy: 'Look for whoever removed or changed it; the next promotion leaves it again.',
  },
  'health-failed': {
    cause: 'The service did not answer well often enough within the attempts of "health".',
    remedy: 'Read the last answer; the release is rolled back, repair the service.',
  },
  'health-no-address': {
    cause: 'The Service has no load balancer address, and no address is configured for this environment.',
    remedy: 'Wait for the load balancer and "sluice retry", or set health.urls.',
  },
  'undo-failed': {
    cause: 'A step could not be undone. Nothing is swallowed: the promotion waits for a person.',
    remedy: 'Repair what the message names, then "sluice retry"; the rest of the undo goes on.',
  },
  'attention-expired': {
    cause: 'A promotion needed attention and nobody came in time, so it was rolled back.',
    remedy: 'Read what it needed; engine.attentionFor sets the time.',
  },
  'operator-asked': {
    cause: 'A person said "rollback" or "abort".',
    remedy: 'Nothing; the reason stands in "sluice status".',
  },
} as const;
