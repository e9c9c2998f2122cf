/** Rights are those of the table, and identities have no secret. */
import { ENTRA_SUBJECT } from '../parameters/shape.ts';
import { ROLES } from '../roles/table.ts';
import { about, at, type Rule, type Stated, texts } from './rule.ts';

const DEFINITION = 'azure-native:authorization:RoleDefinition';
const ASSIGNMENT = 'azure-native:authorization:RoleAssignment';
const FEDERATION = 'azure-native:managedidentity:FederatedIdentityCredential';

/** Types whose very existence is a secret somewhere. */
const SECRET_TYPES = [
  'azuread:index/applicationPassword:ApplicationPassword',
  'azuread:index/servicePrincipalPassword:ServicePrincipalPassword',
  'azuread:index/applicationCertificate:ApplicationCertificate',
  'azure-native:containerregistry:Token',
  'azure-native:keyvault:Secret',
];

/** Built-in roles of the table, by id: what else is assigned is wider than the table. */
const BUILT_IN = new Set(Object.values(ROLES).flatMap((role) => ('builtIn' in role ? [role.builtIn as string] : [])));
/** Owner, Contributor, User Access Administrator, Role Based Access Control Administrator: named so that the message can say it. */
const ADMINISTRATORS: Readonly<Record<string, string>> = {
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': 'Owner',
  'b24988ac-6180-42a0-ab88-20f7382dd24c': 'Contributor',
  '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9': 'User Access Administrator',
  'f58310d9-a9f6-439a-9e8d-f62e7b41a168': 'Role Based Access Control Administrator',
};

export const RIGHTS_RULES: readonly Rule[] = [
  about(
    DEFINITION,
    'role-as-the-table',
    'a role wider than the table is a right that nobody has agreed to',
    widerThanTable,
  ),
  about(DEFINITION, 'role-no-wildcard', 'a wildcard grows with every new action of Azure', (one) =>
    permitted(one)
      .filter((action) => action.includes('*'))
      .map((action) => `permissions: ${action} has a wildcard; name the actions`),
  ),
  about(ASSIGNMENT, 'assignment-of-the-table', 'only roles of the table are given', notOfTable),
  about(
    ASSIGNMENT,
    'assignment-narrow',
    'a right on a subscription or group is a right on what comes there later',
    (one) => {
      const scope = String(one.inputs['scope']);
      return /^\/subscriptions\/[^/]+(\/resourceGroups\/[^/]+)?$/i.test(scope)
        ? [
            `scope: ${scope} is a whole ${/resourceGroups/i.test(scope) ? 'resource group' : 'subscription'}; name the resource`,
          ]
        : [];
    },
  ),
  about(FEDERATION, 'federation-exact', 'a pull request or any branch could become this identity', (one) => {
    const subject = String(one.inputs['subject']);
    const known = SUBJECTS.find(([pattern]) => pattern.test(subject));
    if (known === undefined)
      return [`subject: ${subject} is no service account, service connection, environment or branch by its full name`];
    const issuer = String(one.inputs['issuer']);
    return known[1].test(issuer) ? [] : [`issuer: ${issuer} is not who speaks for ${subject}`];
  }),
  {
    name: 'no-secrets',
    why: 'what has no secret cannot leak it',
    faults: ({ type }) => (SECRET_TYPES.includes(type) ? [`${type} makes a secret; use a federated credential`] : []),
  },
];

/** A subject, and who may say that somebody is it. */
const SUBJECTS: readonly (readonly [RegExp, RegExp])[] = [
  // a cluster's own issuer; which one, the program has asked the cluster
  [/^system:serviceaccount:[a-z0-9-]+:[a-z0-9-]+$/, /^https:\/\/(?!token\.actions\.|vstoken\.|login\.)[^/]+\/.+/],
  [ENTRA_SUBJECT, /^https:\/\/login\.microsoftonline\.com\/[0-9a-f-]{36}\/v2\.0$/],
  [/^sc:\/\/[^/*]+\/[^/*]+\/[^/*]+$/, /^https:\/\/vstoken\.dev\.azure\.com\/[0-9a-f-]{36}$/],
  [
    /^repo:[^/:*]+\/[^/:*]+:(environment:[^:*]+|ref:refs\/heads\/[^:*]+)$/,
    /^https:\/\/token\.actions\.githubusercontent\.com$/,
  ],
];

function permitted({ inputs }: Stated): readonly string[] {
  const permissions = inputs['permissions'];
  if (!Array.isArray(permissions)) return [];
  return permissions.flatMap((one) => [...texts(at(one, 'actions')), ...texts(at(one, 'dataActions'))]);
}

/** Its name in the table; the name of the estate follows in brackets. */
export function roleNamed({ inputs }: Stated): string {
  return String(inputs['roleName']).replace(/ \([^)]*\)$/, '');
}

function widerThanTable(one: Stated): readonly string[] {
  const name = roleNamed(one);
  const role = Object.values(ROLES).find((known) => known.name === name);
  if (role === undefined)
    return [
      `roleName: ${name} is no role of the table (${Object.values(ROLES)
        .map((known) => known.name)
        .join(', ')})`,
    ];
  const agreed: readonly string[] = [...role.actions, ...role.dataActions];
  return permitted(one)
    .filter((action) => !agreed.includes(action))
    .map((action) => `permissions: ${action} is not in the table for ${name}`);
}

function notOfTable({ inputs }: Stated): readonly string[] {
  const id = String(inputs['roleDefinitionId']).split('/').at(-1) ?? '';
  const administrator = ADMINISTRATORS[id];
  if (administrator !== undefined)
    return [`roleDefinitionId: ${administrator} may do everything; give a role of the table`];
  // a custom role is looked at where it is defined; of built-in ones the id is all there is
  const isCustom = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/.test(id);
  return isCustom || BUILT_IN.has(id) ? [] : [`roleDefinitionId: ${id} is no role of the table`];
}
