/** The rules as a Pulumi policy pack: `pulumi preview --policy-pack policy-pack` refuses what breaks one, whoever wrote the program. */
import { PolicyPack, type PolicyResource } from '@pulumi/policy';
import { RULES, STACK_RULES } from '../rules/all.ts';
import type { Stated } from '../rules/rule.ts';

new PolicyPack('sluice-azure', {
  enforcementLevel: 'mandatory',
  policies: [
    ...RULES.map(({ name, why, faults }) => ({
      name,
      description: why,
      validateResource: (
        { type, name: resource, props }: { type: string; name: string; props: Record<string, unknown> },
        report: (message: string) => void,
      ) => faults({ type, name: resource, inputs: props }).forEach((says) => report(says)),
    })),
    ...STACK_RULES.map(({ name, why, faults }) => ({
      name,
      description: why,
      validateStack: ({ resources }: { resources: PolicyResource[] }, report: (message: string) => void) =>
        faults(resources.map(stated)).forEach(({ resource, says }) => report(`${resource}: ${says}`)),
    })),
  ],
});

function stated({ type, name, props, propertyDependencies }: PolicyResource): Stated {
  const from = Object.fromEntries(
    Object.entries(propertyDependencies).map(([property, sources]) => [
      property,
      sources.map((source) => `${source.type}::${source.name}`),
    ]),
  );
  return { type, name, inputs: props, from };
}
