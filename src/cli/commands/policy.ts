import { type Command, Option } from 'commander';
import { optionsOf } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import type { Surroundings } from '../surroundings.ts';

const HELP = `
Reads sluice.yaml and nothing else, and changes nothing: whoever runs the cluster applies what it prints. A ValidatingAdmissionPolicy
(Kubernetes 1.30 and newer) refuses images that are not pinned by digest, or from elsewhere than the environment's registry and its
list (manifests.images), in pods and in everything that pods are made from, in the namespaces of the services. A ClusterImagePolicy
for each wanted signer has the sigstore policy-controller look at signatures. The same rules print the same bytes.

Examples:
  sluice policy render --environment production | kubectl apply -f -
  sluice policy render --environment production --signatures none > cluster/images.yaml
  sluice policy render --environment production --json | jq '.items[].kind'`;

interface Options {
  readonly environment: string;
  readonly signatures: 'sigstore' | 'none';
}

export function addPolicy(program: Command, { terminal, exit }: Surroundings): void {
  const policy = program.command('policy').description('what the cluster itself is told of the rules');
  policy
    .command('render')
    .description("print the admission policy of an environment's cluster")
    .requiredOption('--environment <name>', 'environment whose cluster it is for')
    .addOption(
      new Option('--signatures <controller>', 'who looks at signatures there')
        .choices(['sigstore', 'none'])
        .default('sigstore'),
    )
    .option('--json', 'a List as one JSON value on stdout, which kubectl takes as well')
    .addHelpText('after', HELP)
    .action(async (_: unknown, command: Command) => {
      const { environment, signatures, config } = optionsOf<Options>(command);
      const [{ loadConfig }, { policyOf }] = await Promise.all([
        import('../../config/load.ts'),
        import('../policy-of.ts'),
      ]);
      const { objects, yaml } = policyOf(await loadConfig(config), { environment, signatures, at: new Date() });
      if (terminal.json) terminal.sayJson({ apiVersion: 'v1', kind: 'List', items: objects });
      else terminal.say(yaml.trimEnd());
      exit(EXIT.ok);
    });
}
