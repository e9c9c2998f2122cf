/** A version of a key in a vault has one spelling: hosts and names in Azure Key Vault differ by no case. */
const PATH = /^\/keys\/[a-z0-9-]{1,127}\/[a-z0-9]{1,64}$/;

/** `https://<vault>/keys/<name>/<version>`; undefined for whatever is no address of one version. */
export function vaultVersion(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, host, pathname, username, search, hash } = new URL(address);
  const path = pathname.toLowerCase();
  const isPlain = protocol === 'https:' && username === '' && search === '' && hash === '';
  return isPlain && PATH.test(path) ? `https://${host}${path}` : undefined;
}
