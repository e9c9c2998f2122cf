/** What a schema cannot say. Each rule is pure and answers with every breach it sees: where, expected, got, what to do. */
import type { Description } from './schema.ts';

export interface Problem {
  readonly at: string;
  readonly says: string;
}

type Rule = (description: Description) => Problem[];

const SECRET_NAME = /(password|passwd|secret|token|apikey|api_key|connectionstring|accountkey|private_?key|\bpat\b)/i;
const SECRET_VALUE = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /(AccountKey|SharedAccessKey|Password|Pwd)=/i,
  /[?&]sig=[A-Za-z0-9%]{20,}/,
  /^eyJ[\w-]+\.eyJ[\w-]+\./,
  /AZDO[A-Za-z0-9]{4}$/,
  /^gh[pousr]_[A-Za-z0-9]{30,}$/,
  /^[A-Za-z0-9_.-]{3}~?8Q~[A-Za-z0-9_.~-]{30,}$/,
];

/** Names of Azure DevOps are the same whatever their case. */
export const key = (text: string): string => text.toLowerCase();

const namesAreUnique: Rule = (description) =>
  (['connections', 'variableGroups', 'environments'] as const).flatMap((list) =>
    description[list].flatMap((one, index) => {
      const first = description[list].findIndex((other) => key(other.name) === key(one.name));
      if (first === index) return [];
      return [
        { at: `${list}[${index}].name`, says: `"${one.name}" is already ${list}[${first}]: one name, one entry` },
      ];
    }),
  );

const LOOPBACK = /^(127(\.\d+){3}|localhost|\[::1\])$/;

const organisationIsSafe: Rule = ({ organisation }) => {
  const { protocol, hostname, username, password } = new URL(organisation);
  const at = 'organisation';
  if (username !== '' || password !== '') return [{ at, says: 'no credentials belong here: sign in, or --pat-from' }];
  const safe = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
  return safe
    ? []
    : [
        {
          at,
          says: `expected https://dev.azure.com/<organisation>, got ${protocol}//: a token would travel in the clear`,
        },
      ];
};

const branchesAreProtected: Rule = ({ protection }) =>
  protection.branches.flatMap((branch, index) => {
    const says = openBranch(branch);
    return says === undefined ? [] : [{ at: `protection.branches[${index}]`, says }];
  });

/** git-check-ref-format(1), and the comma, which git takes and a list of branches does not. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const NOT_IN_A_BRANCH = /[\s,~^:?[\\\u0000-\u001f\u007f]|\.\.|@\{/;

/** Why a pattern lets in more than protected branches, or nothing. */
export function openBranch(branch: string): string | undefined {
  if (branch.startsWith('refs/pull/'))
    return `"${branch}" admits pull requests, whose code nobody has reviewed: name branches, e.g. refs/heads/main`;
  if (!branch.startsWith('refs/heads/'))
    return `"${branch}" is not a full branch name: expected refs/heads/<branch>, e.g. refs/heads/main`;
  const rest = branch.slice('refs/heads/'.length);
  // branch control takes a list with commas: one entry must not become two patterns, of which the second admits any branch
  if (NOT_IN_A_BRANCH.test(rest))
    return `"${branch}" is no name of one branch: expected one entry for each, without commas, spaces and signs that git refuses`;
  if (!rest.includes('*')) return rest === '' ? 'the branch has no name' : undefined;
  if (/^[^*]+\/\*$/.test(rest)) return undefined;
  return `"${branch}" admits any branch: expected a name or a folder of protected branches, e.g. refs/heads/release/*`;
}

const templatesDoNotMove: Rule = ({ protection }) =>
  protection.templates.flatMap((template, index) => {
    const at = `protection.templates[${index}]`;
    const fixed = /^refs\/(heads|tags)\/[^*]+$/.test(template.ref);
    const ref = fixed
      ? []
      : [{ at: `${at}.ref`, says: `expected refs/heads/<protected branch> or refs/tags/<tag>, got "${template.ref}"` }];
    const path = template.path.includes('..') || template.path.includes('*');
    return path
      ? [...ref, { at: `${at}.path`, says: `expected the path of one template, got "${template.path}"` }]
      : ref;
  });

const referencesExist: Rule = (description) => {
  const environments = new Set(description.environments.map((one) => key(one.name)));
  const connections = new Set(description.connections.map((one) => key(one.name)));
  const environmentsOf = (['connections', 'variableGroups'] as const).flatMap((list) =>
    description[list].flatMap((one, index) =>
      one.environment === undefined || environments.has(key(one.environment))
        ? []
        : [
            {
              at: `${list}[${index}].environment`,
              says: `no environment "${one.environment}" in this file; there is: ${listed(description.environments)}`,
            },
          ],
    ),
  );
  const vaults = description.variableGroups.flatMap((one, index) =>
    one.keyVault === undefined || connections.has(key(one.keyVault.connection))
      ? []
      : [
          {
            at: `variableGroups[${index}].keyVault.connection`,
            says: `no connection "${one.keyVault.connection}" in this file; there is: ${listed(description.connections)}`,
          },
        ],
  );
  return [...environmentsOf, ...vaults];
};

const listed = (all: readonly { name: string }[]) => all.map((one) => one.name).join(', ') || 'none';

const groupsHaveOneSource: Rule = ({ variableGroups }) =>
  variableGroups.flatMap((one, index) =>
    (one.variables === undefined) === (one.keyVault === undefined)
      ? [{ at: `variableGroups[${index}]`, says: 'expected either variables or keyVault: a group has one source' }]
      : [],
  );

const noSecretLiterals: Rule = ({ variableGroups }) =>
  variableGroups.flatMap((group, index) =>
    Object.entries(group.variables ?? {}).flatMap(([variable, value]) => {
      if (!SECRET_NAME.test(variable) && !SECRET_VALUE.some((looks) => looks.test(value))) return [];
      // the value is not repeated: this text lands in a log
      const says =
        'looks like a secret: put it in a Key Vault and name it under keyVault.secrets of a group of its own';
      return [{ at: `variableGroups[${index}].variables.${variable}`, says }];
    }),
  );

const pipelinesAreNamed: Rule = (description) =>
  (['connections', 'variableGroups', 'environments'] as const).flatMap((list) =>
    description[list].flatMap((one, index) =>
      one.pipelines.flatMap((pipeline, place) => {
        const at = `${list}[${index}].pipelines[${place}]`;
        if (/^(\*|all)$/i.test(pipeline))
          return [{ at, says: `"${pipeline}" opens ${one.name} to every pipeline: name the pipelines that need it` }];
        const twice = one.pipelines.findIndex((other) => key(other) === key(pipeline)) !== place;
        return twice ? [{ at, says: `"${pipeline}" is named twice` }] : [];
      }),
    ),
  );

const approvalsCanBeGiven: Rule = ({ environments }) =>
  environments.flatMap(({ approvals }, index) => {
    if (approvals === undefined) return [];
    const at = `environments[${index}].approvals`;
    const ids = new Set(approvals.approvers.map((one) => key(one.id)));
    if (ids.size < approvals.approvers.length) return [{ at: `${at}.approvers`, says: 'an approver is named twice' }];
    // one entry may be a group of many people, so that only a single person can never be two
    return approvals.requesterMayApprove
      ? [{ at: `${at}.requesterMayApprove`, says: 'who asks may not approve: expected false' }]
      : [];
  });

const hoursAreInOrder: Rule = ({ environments }) =>
  environments.flatMap(({ businessHours: hours }, index) => {
    if (hours === undefined) return [];
    const at = `environments[${index}].businessHours`;
    const order =
      hours.from < hours.to ? [] : [{ at, says: `expected from before to, got ${hours.from} to ${hours.to}` }];
    const zone = hours.zone.includes('/')
      ? [
          {
            at: `${at}.zone`,
            says: `"${hours.zone}" is an IANA name: Azure DevOps takes Windows' names, e.g. "Eastern Standard Time" or "UTC"`,
          },
        ]
      : [];
    return [...order, ...zone];
  });

const forksStayOut: Rule = ({ settings }) =>
  (['buildsFromForks', 'secretsForForks'] as const).flatMap((setting) =>
    settings[setting]
      ? [{ at: `settings.${setting}`, says: "a fork's code would run with this project's connections: expected false" }]
      : [],
  );

const RULES: readonly Rule[] = [
  organisationIsSafe,
  namesAreUnique,
  branchesAreProtected,
  templatesDoNotMove,
  referencesExist,
  groupsHaveOneSource,
  noSecretLiterals,
  pipelinesAreNamed,
  approvalsCanBeGiven,
  hoursAreInOrder,
  forksStayOut,
];

/** Every breach of every rule. */
export const breaches = (description: Description): Problem[] => RULES.flatMap((rule) => rule(description));
