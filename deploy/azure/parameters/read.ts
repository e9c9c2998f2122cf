/** Parameters out of a YAML file: everything that is wrong with it at once, before anything is asked of Azure. */
import { parseDocument } from 'yaml';
import { CLOUDS } from './clouds.ts';
import { ENTRA_SUBJECT, NONE_YET, type Parameters, shape } from './shape.ts';

/** All problems of one file, a line each. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly problems: readonly string[];
  constructor(file: string, problems: readonly string[]) {
    super(
      `${file}: ${problems.length === 1 ? '1 problem' : `${problems.length} problems`}, nothing was changed\n${problems.map((one) => `  - ${one}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** What nobody would commit on purpose. The file is read by everybody who may read the repository. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/, 'a token'],
  [/AccountKey=|SharedAccessKey=|[?&]sig=/i, 'a connection string'],
  [/^[\w.~-]{3}[78]Q~[\w.~-]{31,34}$/, 'a client secret'],
  [/^(gh[pousr]_|github_pat_)\w{20,}/, 'a personal access token'],
  [/^[a-z2-7]{52}$|^[A-Za-z0-9]{84}$/, 'a personal access token'],
];

/** Throws ParameterError with all problems: syntax, shape, secrets, and what contradicts itself. */
export function readParameters(file: string, text: string): Parameters {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0)
    throw new ParameterError(
      file,
      document.errors.map(({ message }) => message.split('\n')[0] ?? message),
    );
  const written: unknown = document.toJS();
  const secrets = secretsIn(written, []);
  const read = shape.safeParse(written);
  const problems = read.success
    ? contradictions(read.data)
    : read.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`);
  if (secrets.length + problems.length > 0) throw new ParameterError(file, [...secrets, ...problems]);
  return read.data as Parameters;
}

function secretsIn(value: unknown, path: readonly string[]): readonly string[] {
  if (typeof value === 'string') {
    const kind = SECRETS.find(([pattern]) => pattern.test(value))?.[1];
    return kind === undefined
      ? []
      : [
          `${path.join('.')}: ${kind} stands in the file; take it out, revoke it, and name the vault where its successor lies`,
        ];
  }
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => secretsIn(inner, [...path, key]));
}

function contradictions(one: Parameters): readonly string[] {
  return [...paths(one), ...regions(one), ...shared(one), ...builders(one)];
}

function paths({ path, environments }: Parameters): readonly string[] {
  const known = Object.keys(environments);
  return [
    ...path
      .filter((name) => !known.includes(name))
      .map((name) => `path: ${name} is no environment of this file (${known.join(', ') || 'none'})`),
    ...known
      .filter((name) => !path.includes(name))
      .map((name) => `environments.${name}: it is not on the path; add it there, or take it out`),
    ...repeated(path).map((name) => `path: ${name} stands there twice`),
  ];
}

function regions({ cloud, location, environments }: Parameters): readonly string[] {
  const { regions: known, zonal } = CLOUDS[cloud];
  const isKnown = (region: string): boolean => known.some((name) => name === region);
  const hasZones = (region: string): boolean => zonal.some((name) => name === region);
  const unknown = (where: string, region: string): string =>
    `${where}: ${region} is no region of the cloud ${cloud}; expected one of ${known.join(', ')}`;
  return [
    ...(isKnown(location) ? [] : [unknown('location', location)]),
    ...Object.entries(environments).flatMap(([name, its]) => {
      const where = `environments.${name}.location`;
      const region = its.location ?? location;
      if (!isKnown(region)) return its.location === undefined ? [] : [unknown(where, region)];
      if (!its.registry.zoneRedundant || hasZones(region)) return [];
      return [
        `${where}: ${region} has no availability zones; write registry.zoneRedundant: false, or choose one of ${zonal.join(', ')}`,
      ];
    }),
  ];
}

/** One registry, group of resources or cluster namespace for two environments would give one of them rights in the other. */
function shared({ environments, shared: { resourceGroup, subscription } }: Parameters): readonly string[] {
  const all = Object.entries(environments);
  const by = (what: (its: Parameters['environments'][string]) => string, says: string): readonly string[] =>
    all.flatMap(([name, its], at) => {
      const other = all.slice(0, at).find(([, before]) => what(before) === what(its));
      return other === undefined
        ? []
        : [
            `environments.${name}: ${says} ${what(its).split('|').at(-1)} as ${other[0]}; each environment has its own, since rights are given by it`,
          ];
    });
  return [
    ...by(({ registry }) => registry.name, 'the same registry'),
    ...by((its) => `${its.subscription}|${its.resourceGroup.toLowerCase()}`, 'the same resource group'),
    ...by(
      ({ cluster, subscription: its }) =>
        `${its}|${cluster.resourceGroup}|${cluster.name}|${cluster.worker.namespace}/${cluster.worker.serviceAccount}`,
      'the same worker',
    ),
    ...all
      .filter(
        ([, its]) =>
          its.subscription === subscription && its.resourceGroup.toLowerCase() === resourceGroup.toLowerCase(),
      )
      .map(
        ([name]) =>
          `environments.${name}.resourceGroup: it is the shared one, which has the keys of all; use one of its own`,
      ),
  ];
}

function builders({ build, cloud, tenant }: Parameters): readonly string[] {
  const { azurePipelines, github } = build;
  if (azurePipelines === undefined)
    return github === undefined ? ['build: nobody could push; name azurePipelines, github or both'] : [];
  if (azurePipelines.subject === NONE_YET) return [];
  const encoded = ENTRA_SUBJECT.exec(azurePipelines.subject)?.[1];
  if (encoded === undefined)
    return azurePipelines.organisation === undefined
      ? [
          'build.azurePipelines.organisation: is missing; the issuer of an sc:// subject is the organisation, by its GUID',
        ]
      : [];
  if (cloud !== 'public')
    return [`build.azurePipelines.subject: in the cloud ${cloud} connections have a subject that begins with sc://`];
  const expected = encodedGuid(tenant);
  return encoded === expected
    ? []
    : [`build.azurePipelines.subject: it is of another tenant (${encoded}); ${tenant} is written ${expected} there`];
}

/** As Entra ID writes a GUID into a subject: its bytes in the order of Windows, base64url. */
function encodedGuid(guid: string): string {
  const hex = guid.replaceAll('-', '');
  const turned = [6, 4, 2, 0, 10, 8, 14, 12].map((from) => hex.slice(from, from + 2)).join('') + hex.slice(16);
  return Buffer.from(turned, 'hex').toString('base64url');
}

function repeated(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
}
