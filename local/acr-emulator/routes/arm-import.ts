/** `importImage` as ARM offers it: 202 with a signed Location, and the polls of that Location. */
import { requireCaller, requireRight } from '../arm-gate.ts';
import { effect } from '../changes.ts';
import { armAudiences, identityByClientId, registryId, type Emulation, type RegistrySite } from '../emulation.ts';
import type { ImportOrder } from '../import-copy.ts';
import { json, readJsonBody, route, type Exchange, type Reply, type Route } from '../http/exchange.ts';
import { Refusal } from '../http/refusal.ts';
import { holds } from '../rights.ts';
import { ACTIONS } from '../roles.ts';
import { isDigest, isRepositoryName, isTag } from '../store/digests.ts';
import type { IdentityDefinition } from '../world.ts';
import { findSite, IMPORT_PATH, requireSite } from './arm.ts';
import { sameText } from './oauth2.ts';

const RESULT =
  /^\/subscriptions\/[^/]+\/providers\/Microsoft\.ContainerRegistry\/locations\/[^/]+\/operationResults\/registries-(?<id>[0-9a-f-]+)$/i;

interface Source {
  readonly resourceId?: unknown;
  readonly registryUri?: unknown;
  readonly sourceImage?: unknown;
  readonly credentials?: { readonly username?: unknown; readonly password?: unknown };
}

export function importRoutes(emulation: Emulation): Route[] {
  return [
    route('POST', IMPORT_PATH, async (exchange) => {
      const caller = await requireCaller(emulation, exchange);
      const target = requireSite(emulation, exchange);
      try {
        return await submit(emulation, exchange, caller, target);
      } catch (error) {
        logRefusal(exchange, caller, target, error);
        throw error;
      }
    }),
    route('GET', RESULT, async (exchange) => {
      await requireCaller(emulation, exchange);
      return poll(emulation, exchange);
    }),
  ];
}

async function submit(
  emulation: Emulation,
  exchange: Exchange,
  caller: IdentityDefinition,
  target: RegistrySite,
): Promise<Reply> {
  requireRight(emulation, caller, 'import', target);
  const body = await readJsonBody(exchange, 'InvalidRequestContent');
  const source = (body['source'] ?? {}) as Source;
  const image = parseImage(source.sourceImage);
  const targets = readTargets(body);
  const site = await findSource(emulation, caller, source);
  const order: ImportOrder = {
    sourceRegistry: site.definition.name,
    sourceRepository: image.repository,
    sourceReference: image.reference,
    ...targets,
    force: readMode(body['mode']),
    conflictStatus: emulation.settings.conflictStatus,
  };
  const name = target.definition.name;
  const fault = emulation.faults.takeForImport({ registry: name, method: 'POST', path: exchange.path });
  const operation = emulation.imports.accept(name, caller.name, order, fault);
  return pending(emulation, exchange, operation.id, target.definition.location.toUpperCase());
}

function logRefusal(exchange: Exchange, caller: IdentityDefinition, target: RegistrySite, error: unknown): void {
  if (!(error instanceof Refusal) || error.status !== 403) return;
  const { status, code } = error;
  const facts = { request: `${exchange.method} ${exchange.path}`, status, code };
  target.store.log([effect(target.store, { identity: caller.name }, 'refused', facts)]);
}

/** 202 with the body `null`, as recorded from ACR; ARM's real Locations carry a signature too. */
function pending(emulation: Emulation, exchange: Exchange, id: string, region: string): Reply {
  const base = `${exchange.origin}/subscriptions/${emulation.world.subscription}/providers/Microsoft.ContainerRegistry`;
  const query = new URLSearchParams({
    'api-version': exchange.query.get('api-version') ?? '2025-11-01',
    t: String(Date.now()),
    c: 'sluice-acr-emulator',
    s: 'unused',
    h: emulation.imports.signature(id),
  });
  const seconds = emulation.settings.importRetryAfterSeconds;
  return json(202, null, {
    location: `${base}/locations/${region}/operationResults/registries-${id}?${query.toString()}`,
    ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
  });
}

function poll(emulation: Emulation, exchange: Exchange): Reply {
  const id = exchange.params['id'] ?? '';
  const operation = emulation.imports.find(id);
  if (operation === undefined) throw new Refusal(404, 'ResourceNotFound', `Operation registries-${id} was not found.`);
  if (!sameText(emulation.imports.signature(id), exchange.query.get('h') ?? '')) {
    throw new Refusal(403, 'AuthorizationFailed', "The operation's address was changed: its signature does not match.");
  }
  if (operation.state === 'running') {
    const region = findSite(emulation, operation.registry)?.definition.location ?? '';
    return pending(emulation, exchange, id, region.toUpperCase());
  }
  if (operation.error === undefined) return json(200, { status: 'Succeeded' });
  if (operation.fault?.fault === 'import-fails' && operation.fault.asBody === true) {
    return json(200, { status: 'Failed', error: { code: operation.error.code, message: operation.error.message } });
  }
  throw new Refusal(operation.error.status, operation.error.code, operation.error.message);
}

function parseImage(value: unknown): { repository: string; reference: string } {
  const text = typeof value === 'string' ? value : '';
  const at = text.indexOf('@');
  const colon = text.lastIndexOf(':');
  const [repository, reference] =
    at > 0
      ? [text.slice(0, at), text.slice(at + 1)]
      : colon > 0
        ? [text.slice(0, colon), text.slice(colon + 1)]
        : [text, 'latest'];
  if (isRepositoryName(repository) && (isDigest(reference) || (at < 0 && isTag(reference))))
    return { repository, reference };
  throw invalid(`source.sourceImage ${JSON.stringify(value)} is not repository[:tag] or repository@digest`);
}

function readTargets(body: Record<string, unknown>): Pick<ImportOrder, 'targetTags' | 'untaggedRepositories'> {
  const tags = readList(body['targetTags'], 'targetTags').map((text) => {
    const { repository, reference } = parseTarget(text);
    return { repository, tag: reference };
  });
  const untaggedRepositories = readList(body['untaggedTargetRepositories'], 'untaggedTargetRepositories');
  const bad = untaggedRepositories.find((name) => !isRepositoryName(name));
  if (bad !== undefined) throw invalid(`untaggedTargetRepositories: ${JSON.stringify(bad)} is not a repository name`);
  if (tags.length + untaggedRepositories.length > 0) return { targetTags: tags, untaggedRepositories };
  throw new Refusal(400, 'InvalidParameters', 'Missing property parameters.TargetTags');
}

function parseTarget(text: string): { repository: string; reference: string } {
  if (text.includes('@'))
    throw invalid(`targetTags: ${JSON.stringify(text)} names a digest; only repository[:tag] is allowed`);
  try {
    return parseImage(text);
  } catch {
    throw invalid(`targetTags: ${JSON.stringify(text)} is not repository[:tag]`);
  }
}

function readList(value: unknown, name: string): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw invalid(`${name} is not a list of texts`);
}

function readMode(value: unknown): boolean {
  if (value === undefined || value === null || value === 'NoForce') return false;
  if (value === 'Force') return true;
  throw invalid(`mode ${JSON.stringify(value)} is neither NoForce nor Force`);
}

/** By resource id with the caller's own rights (credentials are ignored then), or by address with credentials. */
async function findSource(emulation: Emulation, caller: IdentityDefinition, source: Source): Promise<RegistrySite> {
  if (typeof source.resourceId === 'string') return byResourceId(emulation, caller, source.resourceId);
  if (typeof source.registryUri !== 'string') throw invalid('source has neither resourceId nor registryUri');
  const address = source.registryUri.replace(/^https:\/\//, '').replace('localhost', '127.0.0.1');
  const site = [...emulation.registries.values()].find(({ loginServer }) => loginServer === address);
  if (site === undefined) throw invalid(`source.registryUri ${source.registryUri} is no registry of this emulator`);
  const identity = await byCredentials(emulation, source.credentials);
  if (identity !== undefined && holds(emulation.world, identity.name, 'pull', site.definition.name)) return site;
  throw new Refusal(403, 'Forbidden', `The credentials do not allow pulling from ${source.registryUri}.`);
}

function byResourceId(emulation: Emulation, caller: IdentityDefinition, id: string): RegistrySite {
  const { world } = emulation;
  const site = [...emulation.registries.values()].find(
    ({ definition }) => registryId(world, definition).toLowerCase() === id.toLowerCase(),
  );
  if (site === undefined || !holds(world, caller.name, 'read', site.definition.name)) {
    throw new Refusal(
      403,
      'LinkedAuthorizationFailed',
      `The client '${caller.clientId}' with object id '${caller.objectId}' has permission to perform action '${ACTIONS.import}' on scope; however, it does not have permission to perform action(s) '${ACTIONS.read}' on the linked scope(s) '${id}' (respectively) or the linked scope(s) are invalid.`,
    );
  }
  if (holds(world, caller.name, 'pull', site.definition.name)) return site;
  throw new Refusal(403, 'AuthorizationFailed', `The client '${caller.clientId}' may not pull from '${id}'.`);
}

/** An Entra token as password needs no user name; a service principal's id and secret serve as well. */
async function byCredentials(
  emulation: Emulation,
  credentials: Source['credentials'],
): Promise<IdentityDefinition | undefined> {
  const user = typeof credentials?.username === 'string' ? credentials.username : '';
  const password = typeof credentials?.password === 'string' ? credentials.password : '';
  const identity = identityByClientId(emulation.world, user);
  if (identity !== undefined) {
    return sameText(emulation.secrets.clients[identity.name] ?? '', password) ? identity : undefined;
  }
  const audiences = ['https://containerregistry.azure.net', ...armAudiences(emulation)];
  const claims = await emulation.tokens.readEntra(password, audiences);
  return claims && identityByClientId(emulation.world, claims.clientId);
}

function invalid(message: string): Refusal {
  return new Refusal(400, 'InvalidParameters', message);
}
