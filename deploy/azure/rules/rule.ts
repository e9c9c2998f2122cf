/** A rule looks at one resource as the program states it and says what is wrong with it; nothing wrong is an empty list. */

export interface Stated {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Property → `type::name` of the resources that its value comes from: known before the value is, and after what was put in is gone. */
  readonly from?: Readonly<Record<string, readonly string[]>>;
}

export interface Rule {
  readonly name: string;
  readonly why: string;
  readonly faults: (one: Stated) => readonly string[];
}

/** A value deep inside, or undefined. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

export function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** Says `expected … got …` where the value differs. */
export function expects(one: Stated, path: string, ...good: readonly unknown[]): readonly string[] {
  const got = at(one.inputs, path);
  return good.includes(got)
    ? []
    : [
        `${path}: expected ${good.map((value) => JSON.stringify(value)).join(' or ')}, got ${JSON.stringify(got) ?? 'nothing'}`,
      ];
}

/** A rule about resources of one type. */
export function about(type: string, name: string, why: string, faults: Rule['faults']): Rule {
  return { name, why, faults: (one) => (one.type === type ? faults(one) : []) };
}

/** `type::name` of the resources that a property comes from. */
export function sourcesOf({ from }: Stated, property: string): readonly string[] {
  return from?.[property] ?? [];
}
