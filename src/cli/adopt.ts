/** `sluice adopt`: what the environment's own workers find, the manifests of this checkout beside it, and the word of whoever asks. */
import { ReleaseEngineError, type ReleaseClient } from '../client/index.ts';
import type { Config } from '../config/config.ts';
import { didYouMean } from '../config/did-you-mean.ts';
import { loadConfig } from '../config/load.ts';
import type { AdoptionReport } from '../contract/adoption-workflow.ts';
import type { WireImage } from '../contract/plan.ts';
import { parseDigest } from '../domain/digest.ts';
import type { ServiceRules } from '../domain/rulebook.ts';
import { type PackedManifests, packManifests } from '../manifests/artefact.ts';
import { readFolder } from '../manifests/read-folder.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { assertConfigured } from './known-names.ts';
import { currentSigner } from './login/signer.ts';
import { notPassed } from './not-passed.ts';
import { assertManifests, serviceOf } from './prepare-release.ts';
import { renderAdopted, renderAdoption } from './render/adoption.ts';
import { withClient } from './session.ts';
import { type Terminal, tame } from './terminal.ts';
import { type LocalRegistry, localRegistry } from './wire.ts';

export interface AdoptWish {
  readonly service: string;
  readonly environment: string;
  readonly version?: string;
  /** Digest of manifests that lie beside the image. */
  readonly manifests?: string;
  /** Whether those of the service's folder may be put there. */
  readonly publish: boolean;
  /** Nothing else than this is adopted. */
  readonly found?: string;
  /** Undefined: it is only looked at. */
  readonly reason?: string;
}

export async function adopt(wish: AdoptWish, configPath: string | undefined, terminal: Terminal): Promise<ExitCode> {
  const config = await loadConfig(configPath);
  assertConfigured(config, { environments: [wish.environment] });
  const { name, path } = known(config, wish);
  if (!path.includes(wish.environment)) throw notPassed(name, path, wish.environment);
  return withClient(async (client) => {
    const report = await look(client, config, wish);
    if (wish.reason === undefined) return tell(report, wish, terminal);
    const { found, version, manifests } = adoptable(report, wish);
    const signer = currentSigner();
    const { service, environment, reason } = wish;
    const word = {
      service,
      environment,
      version,
      manifests,
      found,
      reason,
      ...(signer === undefined ? {} : { signer }),
    };
    const result = await client.adopt(word);
    if (terminal.json) terminal.sayJson(result);
    else terminal.say(renderAdopted(tame(result), terminal.paint));
    return EXIT.ok;
  });
}

/** Throws `service-unknown`, with the way to an entry. */
function known(config: Config, { service, environment }: AdoptWish): ServiceRules {
  const rules = config.rulebook.services[service];
  if (rules !== undefined) return rules;
  const names = Object.keys(config.rulebook.services);
  throw new ReleaseEngineError(
    'service-unknown',
    `there is no service "${service}" in ${config.file}${didYouMean(service, names)}`,
    {
      ...{ expected: names.join(', '), got: service },
      remedy: `write its entry; a draft of it and its manifests: sluice adopt ${service} --environment ${environment} --live FILE`,
    },
  );
}

function tell(report: AdoptionReport, wish: AdoptWish, terminal: Terminal): ExitCode {
  if (terminal.json) terminal.sayJson(report);
  else terminal.say(renderAdoption(tame(report), wish, terminal.paint));
  return report.adoption === undefined ? EXIT.unwell : EXIT.ok;
}

/** First what runs: the manifests refer to that image, so their digest is known only then. */
async function look(client: ReleaseClient, config: Config, wish: AdoptWish): Promise<AdoptionReport> {
  const { service, environment, version, manifests } = wish;
  const asked = { service, environment, ...(version === undefined ? {} : { version }) };
  if (manifests !== undefined) return client.lookToAdopt({ ...asked, manifests: parseDigest(manifests) });
  const bare = await client.lookToAdopt(asked);
  if (bare.image === undefined || bare.managed !== undefined) return bare;
  const published = await publishedOf(config, wish, bare.image);
  return published === undefined ? bare : client.lookToAdopt({ ...asked, manifests: published });
}

/** Undefined: they are not there, and nobody asked for them to be. Throws every mistake in them. */
async function publishedOf(config: Config, wish: AdoptWish, image: WireImage): Promise<string | undefined> {
  const registry = await localRegistry(config, wish.environment);
  const packed = await packedFor(config, wish, image, registry);
  if (wish.publish) await registry.publisher.publish(image.repository, packed);
  else if ((await registry.reader.manifest(image.repository, packed.manifestDigest)) === undefined) return undefined;
  return packed.manifestDigest;
}

async function packedFor(
  config: Config,
  { service: name, environment }: AdoptWish,
  { repository, digest }: WireImage,
  { reader }: LocalRegistry,
): Promise<PackedManifests> {
  const service = serviceOf(config, name);
  const files = await readFolder(config.manifests[name] ?? '');
  assertManifests(config, service, [environment], files);
  const stored = await reader.manifest(repository, parseDigest(digest));
  if (stored === undefined) {
    throw new ReleaseEngineError(
      'image-not-found',
      `${reader.host} has no ${repository}@${digest} as far as you may see`,
      {
        remedy:
          'its workers have found it there: look at sluice.yaml here and theirs, and at your rights in that registry',
      },
    );
  }
  return packManifests(files, { digest: stored.digest, mediaType: stored.mediaType, size: stored.bytes.byteLength });
}

/** What the word is for. A second yes to what is adopted already is none too many. Throws `adoption-blocked`, `adoption-changed`. */
function adoptable(
  report: AdoptionReport,
  wish: AdoptWish,
): { readonly found: string; readonly version: string; readonly manifests: string } {
  const { adoption, found, points, service, environment } = report;
  const blocking = points.filter(({ blocks }) => blocks);
  if (adoption === undefined || found === undefined) {
    throw new ReleaseEngineError(
      'adoption-blocked',
      `${service} in ${environment} cannot be adopted yet: ${blocking.map(({ message }) => message).join('; ')}`,
      {
        problems: blocking.map(({ part, message, remedy }) => ({
          where: part,
          message,
          ...(remedy === undefined ? {} : { remedy }),
        })),
        remedy: 'mend all of it, then look again; nothing was changed',
      },
    );
  }
  if (wish.found !== undefined && wish.found !== found) {
    throw new ReleaseEngineError('adoption-changed', 'something else is found now than what you were shown', {
      ...{ expected: wish.found, got: found, remedy: 'look at the report again, without --yes' },
    });
  }
  return { found, version: adoption.version, manifests: adoption.manifests };
}
