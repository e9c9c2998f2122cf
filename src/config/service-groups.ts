/** Groups of services, where a gate says which it concerns: a name of one stands for all of them. */
export type ServiceGroups = Readonly<Record<string, readonly string[]>>;

export function servicesNamed(names: readonly string[], groups: ServiceGroups): readonly string[] {
  return [...new Set(names.flatMap((name) => (Object.hasOwn(groups, name) ? (groups[name] ?? []) : [name])))];
}
