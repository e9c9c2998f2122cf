import type { Command } from 'commander';
import { aboutRelease, optionsOf } from '../arguments.ts';
import type { Surroundings } from '../surroundings.ts';
import { tame } from '../terminal.ts';

const EXPORT_HELP = `
Needs the engine's server, no worker, and the right to read the registries of the environments that the release has entered. The same
state gives the same bytes. What is in it, and how to look at it by hand: docs/evidence.md.

Examples:
  sluice evidence export iam 2026.11.3
  sluice evidence export iam 2026.11.3 --out iam.evidence.tar --json`;

const VERIFY_HELP = `
Needs nothing but the two files: no engine, no network, no sluice.yaml. Says what is proven and by whom, and what nobody vouches for.

Exit code: 0 nothing is wrong and nothing that is demanded is missing, 3 something is, 2 the file cannot be read.

Examples:
  sluice evidence verify iam.evidence.tar --trust trust/trust.yaml
  sluice evidence verify iam.evidence.tar --trust trust/trust.yaml --digest sha256:… --json`;

const TRUST_HELP = `
Writes a folder for whoever looks at evidence: trust.yaml, with the keys of signers, approvers and records that this sluice.yaml trusts now, and
what it demands. The keys of an identity provider are fetched from it. Look at it before you trust it.

Examples:
  sluice evidence trust --out trust`;

export function addEvidence(program: Command, { terminal, exit }: Surroundings): void {
  const evidence = program.command('evidence').description('a release as one file that anybody can check');
  aboutRelease(evidence.command('export').description('write everything that is known of a release into one file'))
    .option('--out <file>', 'where to write it (default: evidence-<service>-<version>-<digest>.tar)')
    .option('--without <environment...>', 'leave out what these registries hold: whoever exports may not read them')
    .addHelpText('after', EXPORT_HELP)
    .action(async (service: string, version: string, _: unknown, command: Command) => {
      const { out, without, config } = optionsOf<{ readonly out?: string; readonly without?: readonly string[] }>(
        command,
      );
      const { exportToFile } = await import('../evidence/export-to-file.ts');
      const written = await exportToFile({ service, version, out, without, config });
      if (terminal.json) return terminal.sayJson(written);
      const { renderExported } = await import('../render/evidence.ts');
      terminal.say(renderExported(tame(written), terminal.paint));
    });
  evidence
    .command('verify')
    .description('check such a file, with nothing else than a list of those whose word counts')
    .argument('<file>', 'as it was exported')
    .requiredOption('--trust <file>', 'trust.yaml: keys of signers, approvers and records, and what is demanded')
    .option('--digest <digest>', 'the name that the evidence was given when it was exported')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', VERIFY_HELP)
    .action(async (file: string, _: unknown, command: Command) => {
      const { trust, digest } = optionsOf<{ readonly trust: string; readonly digest?: string }>(command);
      const { verifyFile } = await import('../evidence/verify-file.ts');
      const verdict = await verifyFile(file, trust, digest);
      const [{ EXIT }, { renderVerdict }] = await Promise.all([
        import('../exit-codes.ts'),
        import('../render/evidence.ts'),
      ]);
      if (terminal.json) terminal.sayJson(verdict);
      else terminal.say(renderVerdict(tame(verdict), terminal.paint));
      exit(verdict.answer === 'yes' ? EXIT.ok : EXIT.refused);
    });
  evidence
    .command('trust')
    .description('write down whose word counts by this sluice.yaml, for whoever checks such files')
    .requiredOption('--out <folder>', 'where to write trust.yaml and the keys that it names')
    .option('--json', 'one JSON value on stdout')
    .addHelpText('after', TRUST_HELP)
    .action(async (_: unknown, command: Command) => {
      const { out, config } = optionsOf<{ readonly out: string }>(command);
      const { writeTrust } = await import('../evidence/write-trust.ts');
      const written = await writeTrust(out, config);
      if (terminal.json) return terminal.sayJson(written);
      terminal.say(tame(`${written.file}, with ${written.keys.length} files beside it`));
      for (const one of written.leftOut) terminal.note(tame(`left out: ${one}`));
    });
}
