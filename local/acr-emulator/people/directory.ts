/** The people of the emulated tenant: who exists, in which groups, and the applications they can sign in to. */

export interface GroupDefinition {
  readonly id: string;
  readonly name: string;
}

export interface UserDefinition {
  /** User principal name, e.g. `ada@example.test`. */
  readonly name: string;
  readonly displayName: string;
  /** Object id, the one name of a person that never changes. */
  readonly oid: string;
  /** Ids or names of groups. */
  readonly groups: readonly string[];
  /** App roles. */
  readonly roles?: readonly string[];
}

export interface ClientRegistration {
  readonly clientId: string;
  readonly name: string;
  /** Compared as a whole. */
  readonly redirectUris: readonly string[];
  /** Any port and path of this machine may be returned to as well, as RFC 8252 (7.3) wants it for native applications. */
  readonly loopback: boolean;
  /** Audience of access tokens; not the client id, so that no verifier takes one for an id token. */
  readonly audience: string;
}

export interface People {
  readonly groups: readonly GroupDefinition[];
  readonly users: readonly UserDefinition[];
  readonly clients: readonly ClientRegistration[];
}

export const SLUICE_CLIENT_ID = '00000000-0000-4000-8000-000000000501';
export const RELEASE_MANAGERS_ID = '00000000-0000-4000-8000-000000000301';
export const DEVELOPERS_ID = '00000000-0000-4000-8000-000000000302';

export const DEFAULT_PEOPLE: People = {
  groups: [
    { id: RELEASE_MANAGERS_ID, name: 'release-managers' },
    { id: DEVELOPERS_ID, name: 'developers' },
  ],
  users: [
    user('ada', 'Ada Example', '401', ['release-managers']),
    user('grace', 'Grace Example', '402', ['release-managers', 'developers']),
    user('linus', 'Linus Example', '403', ['developers']),
    // Was a release manager: whoever still has her in a list of approvers must find out by the token.
    user('margaret', 'Margaret Example', '404', []),
  ],
  clients: [
    {
      clientId: SLUICE_CLIENT_ID,
      name: 'Sluice',
      redirectUris: [],
      loopback: true,
      audience: `api://${SLUICE_CLIENT_ID}`,
    },
  ],
};

function user(name: string, displayName: string, digits: string, groups: readonly string[]): UserDefinition {
  return { name: `${name}@example.test`, displayName, oid: `00000000-0000-4000-8000-000000000${digits}`, groups };
}

/** By principal name, the part before its `@`, or object id. */
export function findUser({ users }: People, name: string): UserDefinition | undefined {
  const wanted = name.toLowerCase();
  return users.find((one) => [one.name, one.name.split('@')[0], one.oid].includes(wanted));
}

/** Ids of the user's groups; a name that no group has is taken for an id. */
export function groupIds({ groups }: People, { groups: wanted }: UserDefinition): string[] {
  return wanted.map((one) => groups.find(({ name }) => name === one)?.id ?? one);
}

const LOOPBACK_HOSTS = ['127.0.0.1', '[::1]', 'localhost'];

export function mayReturnTo(client: ClientRegistration, redirectUri: string): boolean {
  if (client.redirectUris.includes(redirectUri)) return true;
  if (!client.loopback || !URL.canParse(redirectUri)) return false;
  const { protocol, hostname, username, password, hash } = new URL(redirectUri);
  const bare = username === '' && password === '' && hash === '';
  return bare && protocol === 'http:' && LOOPBACK_HOSTS.includes(hostname);
}
