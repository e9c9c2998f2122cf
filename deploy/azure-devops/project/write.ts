/** One change, carried out: the only file that sends anything but GET. */
import type { Description } from '../description/schema.ts';
import type { Change } from '../plan/differences.ts';
import type { Item, Values } from '../plan/item.ts';
import { checkBody } from './checks.ts';
import type { Method, Wire } from './connection.ts';
import type { Observed } from './observe.ts';
import type { CheckConfiguration, PipelinePermissions, ServiceEndpoint } from './shapes.ts';

const V = '7.1';
const PREVIEW = '7.1-preview.1';

/** Azure's management endpoint per cloud, as service connections name it. */
const MANAGEMENT = {
  AzureCloud: 'https://management.azure.com/',
  AzureUSGovernment: 'https://management.usgovcloudapi.net/',
  AzureChinaCloud: 'https://management.chinacloudapi.cn/',
};

export interface Room {
  readonly wire: Wire;
  readonly description: Description;
  readonly observed: Observed;
}

/** Carries out one change. What it creates gets its id, so that what follows can refer to it. */
export async function carryOut(room: Room, change: Change): Promise<void> {
  if (change.action === 'remove') return remove(room, change.item, change.id);
  const id = change.action === 'update' ? change.id : undefined;
  switch (change.item.kind) {
    case 'settings':
      return settings(room, change.item.values);
    case 'connection':
      return connection(room, change.item, id);
    case 'variable group':
      return group(room, change.item, id);
    case 'environment':
      return environment(room, change.item, id);
    case 'check':
      return check(room, change.item, id);
    case 'permission':
      return permission(room, change.item);
  }
}

const below = ({ observed }: Room) => encodeURIComponent(observed.project.name);

async function settings(room: Room, values: Values) {
  const body = {
    buildsEnabledForForks: values['buildsFromForks'],
    enforceNoAccessToSecretsFromForks: values['secretsForForks'] !== true,
    enforceSettableVar: values['freeVariablesAtQueueTime'] !== true,
    enforceJobAuthScope: values['tokenBeyondProject'] !== true,
  };
  await room.wire.send({ method: 'PATCH', path: `${below(room)}/_apis/build/generalsettings`, version: V, body });
}

/** Project references as connections and groups carry them: both belong to the organisation and are shown in projects. */
const reference = ({ observed: { project } }: Room, item: Item) => ({
  name: item.name,
  description: item.values['description'],
  projectReference: { id: project.id, name: project.name },
});

async function connection(room: Room, item: Item, id: string | undefined) {
  const { values } = item;
  const body = {
    ...(id === undefined ? {} : { id }),
    name: item.name,
    type: 'azurerm',
    url: MANAGEMENT[room.description.cloud],
    description: values['description'],
    authorization: {
      scheme: values['scheme'],
      parameters: { tenantid: values['tenant'], serviceprincipalid: values['clientId'] },
    },
    data: {
      environment: values['cloud'],
      scopeLevel: 'Subscription',
      subscriptionId: values['subscription'],
      subscriptionName: values['subscriptionName'],
      creationMode: 'Manual',
    },
    isShared: false,
    isReady: true,
    serviceEndpointProjectReferences: [reference(room, item)],
  };
  const path = '_apis/serviceendpoint/endpoints';
  const made = await save<ServiceEndpoint>(room, path, id, 'PUT', body, V);
  room.observed.names.add('endpoint', item.name, made.id);
}

async function group(room: Room, item: Item, id: string | undefined) {
  const { values } = item;
  const { names } = room.observed;
  const source =
    values['source'] === 'key vault'
      ? {
          type: 'AzureKeyVault',
          providerData: {
            serviceEndpointId: names.need('endpoint', values['connection'] as string),
            vault: values['vault'],
          },
          variables: Object.fromEntries(
            (values['secrets'] as readonly string[]).map((name) => [
              name,
              { isSecret: true, value: null, enabled: true, contentType: '' },
            ]),
          ),
        }
      : { type: 'Vsts', variables: Object.fromEntries((values['variables'] as readonly string[]).map(variable)) };
  const body = {
    name: item.name,
    description: values['description'],
    ...source,
    variableGroupProjectReferences: [reference(room, item)],
  };
  const made = await save<{ id: number }>(room, '_apis/distributedtask/variablegroups', id, 'PUT', body, V);
  names.add('variablegroup', item.name, String(made.id));
}

function variable(entry: string) {
  const end = entry.indexOf('=');
  return [entry.slice(0, end), { value: entry.slice(end + 1), isSecret: false }];
}

async function environment(room: Room, item: Item, id: string | undefined) {
  const body = { name: item.name, description: item.values['description'] };
  const made = await save<{ id: number }>(room, `${below(room)}/_apis/pipelines/environments`, id, 'PATCH', body, V);
  room.observed.names.add('environment', item.name, String(made.id));
}

async function check(room: Room, item: Item, id: string | undefined) {
  const on = item.on!;
  const resource = { type: on.type, id: room.observed.names.need(on.type, on.name), name: on.name };
  const body = {
    ...(id === undefined ? {} : { id: Number(id) }),
    ...checkBody(item.name, item.values, room.description),
    isDisabled: false,
    resource,
  };
  await save<CheckConfiguration>(
    room,
    `${below(room)}/_apis/pipelines/checks/configurations`,
    id,
    'PATCH',
    body,
    PREVIEW,
  );
}

/** The service leaves every pipeline that it is not told about as it is: those that lose the right are named as well. */
async function permission(room: Room, item: Item) {
  const on = item.on!;
  const { names } = room.observed;
  const path = `${below(room)}/_apis/pipelines/pipelinepermissions/${on.type}/${names.need(on.type, on.name)}`;
  const live = await room.wire.send<PipelinePermissions>({ method: 'GET', path, version: PREVIEW });
  const may = new Set(
    (item.values['pipelines'] as readonly string[]).map((name) => Number(names.need('pipeline', name))),
  );
  const had = live!.pipelines.filter((one) => one.authorized).map((one) => one.id);
  const pipelines = [
    ...[...may].filter((id) => !had.includes(id)).map((id) => ({ id, authorized: true })),
    ...had.filter((id) => !may.has(id)).map((id) => ({ id, authorized: false })),
  ];
  const body = {
    resource: { type: on.type, id: names.need(on.type, on.name) },
    allPipelines: { authorized: false },
    pipelines,
  };
  await room.wire.send({ method: 'PATCH', path, version: PREVIEW, body });
}

async function save<T>(
  room: Room,
  path: string,
  id: string | undefined,
  replace: Method,
  body: unknown,
  version: string,
): Promise<T> {
  const call = id === undefined ? { method: 'POST' as const, path } : { method: replace, path: `${path}/${id}` };
  return (await room.wire.send<T>({ ...call, version, body }))!;
}

async function remove(room: Room, item: Item, id: string) {
  const at = below(room);
  const projectIds = room.observed.project.id;
  const calls = {
    connection: { path: `_apis/serviceendpoint/endpoints/${id}`, version: V, query: { projectIds } },
    'variable group': { path: `_apis/distributedtask/variablegroups/${id}`, version: V, query: { projectIds } },
    environment: { path: `${at}/_apis/pipelines/environments/${id}`, version: V },
    check: { path: `${at}/_apis/pipelines/checks/configurations/${id}`, version: PREVIEW },
  };
  const call = calls[item.kind as keyof typeof calls];
  // gone already is as good as removed
  await room.wire.send({ method: 'DELETE', ...call }, 'null');
}
