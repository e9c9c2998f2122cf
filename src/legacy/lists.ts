/** Recorded lists as `az … -o json` prints them (azure-cli 2.x), into items. Every problem of every list at once. */
import { z } from 'zod';
import type { Problem } from '../domain/error-code.ts';
import type { LegacyItem } from './item.ts';

/** A list by its path below the folder of lists, with its text. */
export interface WrittenList {
  readonly path: string;
  readonly text: string;
}

const account = z.object({
  id: z.string(),
  name: z.string(),
  resourceGroup: z.string(),
  publicNetworkAccess: z.string().nullish(),
  networkRuleSet: z.object({ defaultAction: z.string().nullish() }).nullish(),
});
const blob = z.object({
  name: z.string(),
  container: z.string().nullish(),
  lastAccessedOn: z.string().nullish(),
  properties: z.object({ contentLength: z.number() }),
});
const pipeline = z.object({
  id: z.number(),
  name: z.string(),
  path: z.string().nullish(),
  queueStatus: z.string().nullish(),
});
const run = z.object({
  definition: z.object({ id: z.number() }),
  finishTime: z.string().nullish(),
  queueTime: z.string().nullish(),
});
const manifest = z.object({
  digest: z.string(),
  imageSize: z.number().nullish(),
  tags: z.array(z.string()).nullish(),
  changeableAttributes: z
    .object({ deleteEnabled: z.boolean(), writeEnabled: z.boolean(), readEnabled: z.boolean().nullish() })
    .nullish(),
});
const pull = z.object({
  LoginServer: z.string(),
  Repository: z.string(),
  Digest: z.string(),
  TimeGenerated: z.iso.datetime({ offset: true }),
});
const lock = z.object({ id: z.string() });

export interface ListedImage {
  readonly registry: string;
  readonly repository: string;
  readonly digest: string;
}
export interface Listed {
  readonly items: readonly LegacyItem[];
  readonly problems: readonly Problem[];
}

/** Reads the lists; a list that is not there leaves what it would have told unknown. */
export function readLists(lists: readonly WrittenList[]): Listed {
  const problems: Problem[] = [];
  const read = <T>(path: string, shape: z.ZodType<T>, keyOf?: (one: T) => string): T[] | undefined => {
    const list = lists.find((one) => one.path === path);
    return list === undefined ? undefined : parse(list, shape, keyOf, problems);
  };
  const locks = read('locks.json', lock)?.map(({ id }) => id.toLowerCase());
  const accounts = (read('storage-accounts.json', account, (one) => one.name) ?? []).map((one): LegacyItem => {
    const blobs = read(`blobs/${one.name}.json`, blob, (each) => `${each.container ?? ''}/${each.name}`);
    const update = `az storage account update --name ${one.name} --resource-group ${one.resourceGroup}`;
    const [access, action] = [one.publicNetworkAccess ?? 'Enabled', one.networkRuleSet?.defaultAction ?? 'Allow'];
    return {
      kind: 'storage account',
      name: one.name,
      lastUse: latest(blobs?.map((each) => each.lastAccessedOn ?? undefined)),
      locked: locks?.some((id) => id.startsWith(`${one.id.toLowerCase()}/`)),
      disabled: one.publicNetworkAccess == null ? undefined : access === 'Disabled' && action === 'Deny',
      bytes: blobs?.reduce((sum, each) => sum + each.properties.contentLength, 0),
      words: [one.name],
      steps: {
        disable: `${update} --public-network-access Disabled --default-action Deny`,
        restore: `${update} --public-network-access ${access} --default-action ${action}`,
        remove: `az storage account delete --name ${one.name} --resource-group ${one.resourceGroup}`,
        undelete: `restore deleted account ${one.name} in the Azure portal (Storage accounts, Restore) within 14 days, while its resource group is there and nobody has taken the name; Azure does not promise it`,
      },
    };
  });
  const runs = read('pipeline-runs.json', run);
  const pipelines = (read('pipelines.json', pipeline, (one) => String(one.id)) ?? []).map((one): LegacyItem => {
    const times = runs
      ?.filter(({ definition }) => definition.id === one.id)
      .map((each) => each.finishTime ?? each.queueTime ?? undefined);
    return {
      kind: 'pipeline',
      name: `${one.name} (${one.id})`,
      lastUse: latest(times),
      locked: false,
      disabled: one.queueStatus == null ? undefined : one.queueStatus === 'disabled',
      bytes: undefined,
      words: [one.name],
      steps: {
        disable: `set pipeline ${one.id} to "Disabled" (Azure Pipelines, Settings)`,
        restore: `set pipeline ${one.id} to "Enabled" (Azure Pipelines, Settings)`,
        remove: `az pipelines delete --id ${one.id}`,
        undelete: `PATCH _apis/build/definitions/${one.id}?deleted=false, while the project still keeps it`,
      },
    };
  });
  const pulls = read('pulls.json', pull);
  const images = lists.flatMap((list) => imagesOf(list, pulls, problems));
  const known =
    /^(?:storage-accounts|locks|pipelines|pipeline-runs|pulls)\.json$|^blobs\/[^/]+\.json$|^images\/[^/]+\/.+\.json$/;
  for (const { path } of lists)
    if (!known.test(path))
      problems.push({
        where: path,
        message: 'is no list that is known here',
        remedy: 'see "sluice legacy plan --help"',
      });
  return { items: [...accounts, ...pipelines, ...images], problems };
}

function imagesOf(
  list: WrittenList,
  pulls: readonly z.infer<typeof pull>[] | undefined,
  problems: Problem[],
): LegacyItem[] {
  const [, registry, repository] = /^images\/([^/]+)\/(.+)\.json$/.exec(list.path) ?? [];
  if (registry === undefined || repository === undefined) return [];
  return parse(list, manifest, (one) => one.digest, problems).map((one): LegacyItem => {
    const image = `${repository}@${one.digest}`;
    const name = registry.split('.')[0]!;
    const pulled = pulls?.filter(
      (each) => each.LoginServer === registry && each.Repository === repository && each.Digest === one.digest,
    );
    const attributes = one.changeableAttributes ?? undefined;
    const update = `az acr repository update --name ${name} --image ${image}`;
    return {
      kind: 'image',
      name: `${registry}/${image}`,
      lastUse: latest(pulled?.map((each) => each.TimeGenerated)),
      locked: attributes === undefined ? undefined : !attributes.deleteEnabled || !attributes.writeEnabled,
      disabled: attributes?.readEnabled == null ? undefined : !attributes.readEnabled,
      bytes: one.imageSize ?? undefined,
      words: [one.digest, ...(one.tags ?? []).map((tag) => `${repository}:${tag}`)],
      steps: {
        disable: `${update} --read-enabled false`,
        restore: `${update} --read-enabled true`,
        remove: `az acr repository delete --name ${name} --image ${image} --yes`,
        undelete: `az acr manifest restore --registry ${name} --name ${repository} --digest ${one.digest}, where soft delete was on before (az acr config soft-delete update --registry ${name} --status enabled; never with geo-replication or a retention policy)`,
      },
    };
  });
}

/** The latest time, or undefined when one of them, or all, are not known: an unknown time may be now. */
function latest(times: readonly (string | undefined)[] | undefined): string | undefined {
  if (times === undefined || times.length === 0) return undefined;
  const moments = times.map((time) => (time === undefined ? Number.NaN : Date.parse(time)));
  const last = moments.reduce((a, b) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b)));
  return Number.isNaN(last) ? undefined : new Date(last).toISOString();
}

function parse<T>(
  list: WrittenList,
  shape: z.ZodType<T>,
  keyOf: ((one: T) => string) | undefined,
  problems: Problem[],
): T[] {
  let value: unknown;
  try {
    value = JSON.parse(list.text);
  } catch {
    problems.push({ where: list.path, message: 'is not JSON', remedy: 'record it again with "-o json"' });
    return [];
  }
  const parsed = z.array(shape).safeParse(value);
  if (!parsed.success) {
    problems.push(
      ...parsed.error.issues.map((issue) => ({
        where: `${list.path}: ${issue.path.join('.')}`,
        message: issue.message,
      })),
    );
    return [];
  }
  const seen = new Set<string>();
  for (const one of keyOf === undefined ? [] : parsed.data) {
    const name = keyOf!(one).toLowerCase();
    if (seen.has(name))
      problems.push({
        where: list.path,
        message: `"${name}" stands there twice`,
        remedy: 'record the list again: two pages were joined, or two exports',
      });
    seen.add(name);
  }
  return parsed.data;
}
