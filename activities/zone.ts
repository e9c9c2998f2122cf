/** What the activities of one environment work with: its ports, its rules, and nothing of any other environment. */
import type { StepAnswer } from '../src/contract/activities.ts';
import type { PromotionPlan } from '../src/contract/plan.ts';
import { type Digest, parseDigest } from '../src/domain/digest.ts';
import type { Refusal } from '../src/domain/error-code.ts';
import type { Image } from '../src/domain/image-reference.ts';
import type { Rulebook, ServiceRules } from '../src/domain/rulebook.ts';
import type { EnvironmentPorts } from '../src/ports/environment-ports.ts';
import type { RegistryReader } from '../src/ports/registry-reader.ts';

export interface Zone {
  readonly environment: string;
  readonly ports: EnvironmentPorts;
  readonly rulebook: Rulebook;
  /** Wall clock; an argument so that tests own it. */
  readonly now: () => Date;
}

/** Services that come here. */
export function servicesOf({ rulebook, environment }: Zone): readonly ServiceRules[] {
  return Object.values(rulebook.services).filter((one) => one.path.includes(environment));
}

export function yes(summary: string, facts: Readonly<Record<string, string>> = {}): StepAnswer {
  return { ok: true, summary, facts };
}

export function no(refusal: Refusal): StepAnswer {
  return { ok: false, refusal };
}

/** The plan's image with its digest parsed. */
export function imageOf(plan: PromotionPlan): Image {
  return { repository: plan.image.repository, digest: parseDigest(plan.image.digest) };
}

/** The registry that the image comes from, read with this environment's own identity. */
export function sourceOf(zone: Zone, source: string): RegistryReader {
  if (source === zone.environment) return zone.ports.registry;
  const reader = zone.ports.sources[source];
  if (reader === undefined) throw new Error(`${zone.environment} is not wired to read from ${source}`);
  return reader;
}

/** What the tag means in that registry; undefined: no such tag. */
export async function taggedDigest(
  registry: RegistryReader,
  repository: string,
  tag: string,
): Promise<Digest | undefined> {
  return (await registry.manifest(repository, { tag }))?.digest;
}
