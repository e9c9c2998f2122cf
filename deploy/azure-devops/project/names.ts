/** Names to ids and back. The description speaks in names, the service in ids; what apply creates is added. */
import { key } from '../description/rules.ts';
import type { Pipeline, PipelineEnvironment, ResourceType, ServiceEndpoint, VariableGroup } from './shapes.ts';

type Named = ResourceType | 'pipeline';

export class Names {
  readonly pipelines: readonly Pipeline[];
  readonly #ids = new Map<string, string>();
  readonly #names = new Map<string, string>();

  constructor(
    endpoints: readonly ServiceEndpoint[],
    groups: readonly VariableGroup[],
    environments: readonly PipelineEnvironment[],
    pipelines: readonly Pipeline[],
  ) {
    this.pipelines = pipelines;
    for (const one of endpoints) this.add('endpoint', one.name, one.id);
    for (const one of groups) this.add('variablegroup', one.name, String(one.id));
    for (const one of environments) this.add('environment', one.name, String(one.id));
    for (const one of pipelines) this.add('pipeline', one.name, String(one.id));
  }

  add(type: Named, name: string, id: string): void {
    this.#ids.set(`${type}\n${key(name)}`, id);
    this.#names.set(`${type}\n${key(id)}`, name);
  }

  idOf(type: Named, name: string): string | undefined {
    return this.#ids.get(`${type}\n${key(name)}`);
  }

  /** The id itself where nobody has that name any more. */
  nameOf(type: Named, id: string): string {
    return this.#names.get(`${type}\n${key(id)}`) ?? id;
  }

  /** For what must exist by now: apply makes things in the order of their use. */
  need(type: Named, name: string): string {
    const id = this.idOf(type, name);
    if (id === undefined) throw new Error(`${type} ${name} has no id yet`);
    return id;
  }
}
