/** What a cluster is told about one environment, as objects and as the file that "kubectl apply" takes. The same rules give the same bytes. */
import { stringify } from 'yaml';
import type { ManifestObject } from '../domain/manifest-object.ts';
import type { SignatureRule } from '../domain/proof.ts';
import { namespaceOf, type Rulebook } from '../domain/rulebook.ts';
import type { PolicyGround } from './ground.ts';
import { imagePolicy } from './images.ts';
import { signaturePolicies, type Signers } from './signatures.ts';

export interface Asked {
  /** Whether an admission controller is told whose signatures are wanted. */
  readonly signatures: 'sigstore' | 'none';
  readonly wanted: SignatureRule;
  readonly signers: Signers;
}

/** Throws {@link CannotSay} for signers that the controller knows nothing of. */
export function clusterPolicy(ground: PolicyGround, { signatures, wanted, signers }: Asked): readonly ManifestObject[] {
  return [...imagePolicy(ground), ...(signatures === 'none' ? [] : signaturePolicies(ground, wanted, signers))];
}

/** Undefined: there is no such environment. */
export function groundOf({ environments, services }: Rulebook, environment: string): PolicyGround | undefined {
  const rules = environments[environment];
  if (rules === undefined) return undefined;
  const here = Object.values(services).filter((one) => one.path.includes(environment));
  return {
    environment,
    registryHost: rules.registryHost,
    images: rules.manifests?.images ?? [],
    repositories: distinct(here.map((one) => one.repository)),
    namespaces: distinct(here.map((one) => namespaceOf(one, environment))),
  };
}

export function asYaml(objects: readonly ManifestObject[], ground: PolicyGround, asked: Asked): string {
  const documents = objects.map((one) => stringify(one, { lineWidth: 0, aliasDuplicateObjects: false }));
  return [introduction(ground, asked), ...documents].join('---\n');
}

function introduction({ environment, namespaces }: PolicyGround, asked: Asked): string {
  return [
    `Rendered by "sluice policy render --environment ${environment}": render it again when sluice.yaml changes.`,
    'It holds in the namespaces of the services that come here, for everybody: also for images that other webhooks add.',
    ...(asked.signatures === 'none' ? [] : aboutSignatures(namespaces, asked)),
  ]
    .map((line) => `# ${line}\n`)
    .join('');
}

/** What stands in no field: whoever applies the file has to know it. */
function aboutSignatures(namespaces: readonly string[], { wanted, signers }: Asked): readonly string[] {
  const entries = wanted.of.flatMap((signer) => (signers[signer] ?? []).map((entry) => ({ signer, entry })));
  const hasKeys = entries.some(({ entry }) => entry.kind === 'key' || entry.kind === 'vault');
  const ends = entries.flatMap(({ signer, entry }) => {
    if (entry.kind === 'notation') return [];
    const { from, until } = entry;
    const times = [...(from === undefined ? [] : [`from ${from}`]), ...(until === undefined ? [] : [`until ${until}`])];
    const told = `A ${entry.kind} of "${signer}" counts ${times.join(' ')}; the controller does not know: render again then.`;
    return times.length === 0 ? [] : [told];
  });
  return [
    'Signatures are looked at by the sigstore policy-controller (read in 0.13.1), in namespaces that say so:',
    ...namespaces.map((one) => `  kubectl label namespace ${one} policy.sigstore.dev/include=true`),
    ...(hasKeys
      ? ['With keys it reads the legacy form of Cosign alone: sign with "--new-bundle-format=false" as well.']
      : []),
    ...ends,
  ];
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted();
}
