/** The rules as a Pulumi policy pack: `pulumi preview --policy-pack policy-pack` refuses what breaks one, whoever wrote the program. */
import { PolicyPack } from '@pulumi/policy';
import { RULES, unlogged } from '../rules/all.ts';

new PolicyPack('sluice-azure', {
  enforcementLevel: 'mandatory',
  policies: [
    ...RULES.map(({ name, why, faults }) => ({
      name,
      description: why,
      validateResource: (
        { type, name: resource, props }: { type: string; name: string; props: Record<string, unknown> },
        report: (message: string) => void,
      ) => faults({ type, name: resource, inputs: props }).forEach((says) => report(`${says} (${why})`)),
    })),
    {
      name: 'logs-kept',
      description: 'without login and repository events nobody can say who has pulled or pushed',
      validateStack: (
        { resources }: { resources: readonly { type: string; name: string; props: Record<string, unknown> }[] },
        report: (message: string) => void,
      ) =>
        unlogged(resources.map(({ type, name, props }) => ({ type, name, inputs: props }))).forEach(
          ({ resource, says }) => report(`${resource}: ${says}`),
        ),
    },
  ],
});
