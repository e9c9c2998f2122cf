/** The rules that only the whole set can break: doubles, and workloads that must be there and run the released image. */
import type { Problem } from '../domain/error-code.ts';
import { groupOf } from '../domain/kinds.ts';
import type { StatedObject } from './parse.ts';

/** The same object twice: the second would silently win. */
export function doubles(objects: readonly StatedObject[]): readonly Problem[] {
  const first = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { object, where } of objects) {
    const key = `${groupOf(object.apiVersion)}/${object.kind}/${object.metadata.name}`;
    const before = first.get(key);
    if (before === undefined) first.set(key, where());
    else {
      const message = `${object.kind}/${object.metadata.name} is stated twice, here and in ${before}`;
      problems.push({ where: where(), message, remedy: 'remove one of them' });
    }
  }
  return problems;
}

export interface Workload {
  readonly stated: StatedObject;
  /** Whether one of its containers is the released image. */
  readonly runs: boolean;
}

/** Each configured workload (`deployment/iam`) exists and runs the released image; otherwise nothing could be proven later. */
export function workloadProblems(
  names: readonly string[],
  objects: readonly Workload[],
  environment: string,
  repository: string,
): readonly Problem[] {
  return names.flatMap((name) => {
    const found = objects.find(({ stated }) => workloadName(stated) === name.toLowerCase());
    if (found === undefined) {
      const there = objects.filter(({ runs }) => runs).map(({ stated }) => workloadName(stated));
      const message = `no manifest states the workload ${name}; workloads with the image: ${there.join(', ') || 'none'}`;
      return [
        { where: `${environment}/`, message, remedy: 'add it, or correct "workloads" of the service in sluice.yaml' },
      ];
    }
    if (found.runs) return [];
    const message = `${name} has no container with the released image`;
    return [{ where: found.stated.where(), message, remedy: `write "image: ${repository}" in one of its containers` }];
  });
}

function workloadName({ object }: StatedObject): string {
  return `${object.kind}/${object.metadata.name}`.toLowerCase();
}
