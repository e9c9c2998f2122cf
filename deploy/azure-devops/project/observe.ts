/** Reads the project: everything that the description can name, in the description's words. Sends GET only. */
import { key } from '../description/rules.ts';
import type { Description } from '../description/schema.ts';
import type { Problem } from '../description/rules.ts';
import { MARK, type Seen, type Target, type Values } from '../plan/item.ts';
import { plain } from '../plan/wanted.ts';
import { readCheck } from './checks.ts';
import type { Wire } from './connection.ts';
import { Names } from './names.ts';
import type * as Shape from './shapes.ts';

const V = '7.1';
const PREVIEW = '7.1-preview.1';

export interface Observed {
  readonly project: Shape.Project;
  readonly names: Names;
  readonly seen: readonly Seen[];
  /** What the description names and the project does not have. */
  readonly problems: readonly Problem[];
}

/** The project as it is. */
export async function observe(wire: Wire, description: Description): Promise<Observed> {
  const at = encodeURIComponent(description.project);
  const project = await wire.send<Shape.Project>({ method: 'GET', path: `_apis/projects/${at}`, version: V });
  const settings = await wire.send<Shape.GeneralSettings>({
    method: 'GET',
    path: `${at}/_apis/build/generalsettings`,
    version: V,
  });
  const endpoints = await wire.list<Shape.ServiceEndpoint>(`${at}/_apis/serviceendpoint/endpoints`, V);
  const groups = await wire.list<Shape.VariableGroup>(`${at}/_apis/distributedtask/variablegroups`, V);
  const environments = await wire.list<Shape.PipelineEnvironment>(`${at}/_apis/pipelines/environments`, V);
  const pipelines = await wire.list<Shape.Pipeline>(`${at}/_apis/pipelines`, V);
  const names = new Names(endpoints, groups, environments, pipelines);
  const things = [
    settingsOf(settings!),
    ...endpoints.map(connectionOf),
    ...groups.map((one) => groupOf(one, names)),
    ...environments.map(environmentOf),
  ];
  const guards: Seen[] = [];
  for (const on of described(description)) guards.push(...(await guardsOf(wire, at, on, names)));
  return { project: project!, names, seen: [...things, ...guards], problems: unknownPipelines(description, names) };
}

function settingsOf(live: Shape.GeneralSettings): Seen {
  const values = {
    buildsFromForks: live.buildsEnabledForForks ?? true,
    secretsForForks: !(live.enforceNoAccessToSecretsFromForks ?? false),
    freeVariablesAtQueueTime: !(live.enforceSettableVar ?? false),
    tokenBeyondProject: !(live.enforceJobAuthScope ?? false),
  };
  return { kind: 'settings', name: 'pipelines', id: '', ours: false, values };
}

const ours = (description: string | undefined) => description?.endsWith(MARK) ?? false;

function connectionOf(live: Shape.ServiceEndpoint): Seen {
  const parameters = live.authorization?.parameters ?? {};
  const data = live.data ?? {};
  const values = {
    description: live.description ?? '',
    scheme: live.authorization?.scheme ?? '',
    cloud: data['environment'] ?? '',
    tenant: (parameters['tenantid'] ?? '').toLowerCase(),
    clientId: (parameters['serviceprincipalid'] ?? '').toLowerCase(),
    subscription: (data['subscriptionId'] ?? '').toLowerCase(),
    subscriptionName: data['subscriptionName'] ?? '',
    shared: live.isShared ?? false,
  };
  return { kind: 'connection', name: live.name, id: live.id, ours: ours(live.description), values };
}

function groupOf(live: Shape.VariableGroup, names: Names): Seen {
  const variables = live.variables ?? {};
  const source: Values =
    live.type === 'AzureKeyVault'
      ? {
          source: 'key vault',
          vault: live.providerData?.vault ?? '',
          connection: names.nameOf('endpoint', live.providerData?.serviceEndpointId ?? ''),
          secrets: Object.keys(variables).sort(),
        }
      : {
          source: 'plain',
          variables: plain(
            Object.fromEntries(
              Object.entries(variables).map(([name, one]) => [
                name,
                one?.isSecret === true ? '(secret)' : (one?.value ?? ''),
              ]),
            ),
          ),
        };
  return {
    kind: 'variable group',
    name: live.name,
    id: String(live.id),
    ours: ours(live.description),
    values: { description: live.description ?? '', ...source },
  };
}

const environmentOf = (live: Shape.PipelineEnvironment): Seen => ({
  kind: 'environment',
  name: live.name,
  id: String(live.id),
  ours: ours(live.description),
  values: { description: live.description ?? '' },
});

function described(description: Description): Target[] {
  return [
    ...description.environments.map((one) => ({ type: 'environment' as const, name: one.name })),
    ...description.connections.map((one) => ({ type: 'endpoint' as const, name: one.name })),
    ...description.variableGroups.map((one) => ({ type: 'variablegroup' as const, name: one.name })),
  ];
}

/** Checks and permissions of one resource, when it is there. */
async function guardsOf(wire: Wire, at: string, on: Target, names: Names): Promise<Seen[]> {
  const resourceId = names.idOf(on.type, on.name);
  if (resourceId === undefined) return [];
  const query = { resourceType: on.type, resourceId, $expand: 'settings' };
  const checks = await wire.list<Shape.CheckConfiguration>(
    `${at}/_apis/pipelines/checks/configurations`,
    PREVIEW,
    query,
  );
  const path = `${at}/_apis/pipelines/pipelinepermissions/${on.type}/${resourceId}`;
  const permissions = await wire.send<Shape.PipelinePermissions>({ method: 'GET', path, version: PREVIEW });
  const allowed = permissions!.pipelines.filter((one) => one.authorized);
  return [
    ...checks.map((one): Seen => ({ kind: 'check', on, id: String(one.id), ours: true, ...readCheck(one) })),
    {
      kind: 'permission',
      name: 'pipelines',
      on,
      id: resourceId,
      ours: true,
      values: {
        open: permissions!.allPipelines?.authorized ?? false,
        pipelines: allowed.map((one) => names.nameOf('pipeline', String(one.id))).sort(),
      },
    },
  ];
}

/** A pipeline is made by its own first run, never here: one that is missing is told before anything is changed. */
function unknownPipelines(description: Description, names: Names): Problem[] {
  return (['environments', 'connections', 'variableGroups'] as const).flatMap((list) =>
    description[list].flatMap((one, index) =>
      one.pipelines.flatMap((pipeline, place) => {
        const at = `${list}[${index}].pipelines[${place}]`;
        const many = names.pipelines.filter((other) => key(other.name) === key(pipeline));
        if (many.length === 1) return [];
        const says =
          many.length === 0
            ? `the project has no pipeline "${pipeline}": create it first (az pipelines create), or correct the name`
            : `the project has ${many.length} pipelines "${pipeline}", in ${many.map((other) => other.folder ?? '\\').join(' and ')}: rename one`;
        return [{ at, says }];
      }),
    ),
  );
}
