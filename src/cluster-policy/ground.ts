/** What is said to a cluster about one environment. */
export interface PolicyGround {
  readonly environment: string;
  /** Host (and port) of the environment's registry as image references name it. */
  readonly registryHost: string;
  /** Images that the environment takes beside the released ones, as `manifests.images` lists them. */
  readonly images: readonly string[];
  /** Repositories of the services that come here, sorted. */
  readonly repositories: readonly string[];
  /** Namespaces of the services that come here, sorted. */
  readonly namespaces: readonly string[];
}
