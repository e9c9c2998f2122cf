/** Reads a log as the agents of pipelines do: every line for orders, wherever their rules allow one. */

export interface Orders {
  readonly groups: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly issues: readonly { readonly level: string; readonly message: string }[];
  /** Files that become a part of the run's summary. */
  readonly summaries: readonly string[];
  /** Orders that nobody here has given. */
  readonly others: readonly string[];
}

interface Order {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

/** Azure's agent: `##vso[` anywhere in a line, `##[…]` at its beginning. GitHub's runner: `::` at the beginning, `##[` anywhere. */
export function commandsIn(log: string, service: 'azure' | 'github'): Orders {
  const orders = log.split(/\r\n|\r|\n/).flatMap((line) => (service === 'azure' ? azure(line) : github(line)));
  const of = (...names: readonly string[]): readonly Order[] => orders.filter(({ name }) => names.includes(name));
  const issues = of('task.logissue', 'error', 'warning', 'notice');
  return {
    groups: of('group').map(({ data }) => data),
    variables: Object.fromEntries(of('task.setvariable').map(({ properties, data }) => [properties['variable'], data])),
    issues: issues.map(({ name, properties, data }) => ({ level: properties['type'] ?? name, message: data })),
    summaries: of('task.uploadsummary').map(({ data }) => data),
    others: orders
      .filter(({ name, properties }) => !KNOWN.includes(name) || (name === 'task.setvariable' && !isOurs(properties)))
      .map(({ name, data }) => `${name} ${data}`),
  };
}

const KNOWN: readonly string[] = [
  ...['group', 'endgroup', 'error', 'warning'],
  ...['task.logissue', 'task.setvariable', 'task.uploadsummary', 'task.complete'],
];

function isOurs({ isOutput }: Order['properties']): boolean {
  return isOutput === 'true';
}

function azure(line: string): readonly Order[] {
  const [, name, properties = '', data = ''] = /##vso\[([^\s\]]+)\s*([^\]]*)\](.*)$/i.exec(line) ?? [];
  if (name !== undefined)
    return [{ name, properties: propertiesIn(properties, ';'), data: data.replaceAll('%AZP25', '%') }];
  const [, short, rest = ''] = /^##\[([^\]]+)\](.*)$/.exec(line) ?? [];
  return short === undefined ? [] : [{ name: short, properties: {}, data: rest }];
}

function github(line: string): readonly Order[] {
  const [, name, properties = '', data = ''] = /^\s*::([^\s:]+)\s*(.*?)::(.*)$/.exec(line) ?? [];
  if (name !== undefined)
    return [{ name, properties: propertiesIn(properties, ','), data: data.replaceAll('%25', '%') }];
  const [, old, rest = ''] = /##\[([^\]]+)\](.*)$/.exec(line) ?? [];
  return old === undefined ? [] : [{ name: old, properties: {}, data: rest }];
}

function propertiesIn(text: string, between: string): Readonly<Record<string, string>> {
  const pairs = text.split(between).flatMap((pair) => {
    const [, key, value] = /^\s*([^=]+)=(.*)$/.exec(pair) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(pairs);
}
