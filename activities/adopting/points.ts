/** What is told of a service that is to be adopted, in the form of one list. */
import type { AdoptionPart, AdoptionPoint, Found } from '../../src/contract/adoption-workflow.ts';
import type { Refusal } from '../../src/domain/error-code.ts';
import type { ObjectChange } from '../../src/domain/manifest-change.ts';
import { formatRef } from '../../src/domain/manifest-object.ts';

/** A no that would be the same later: it blocks. */
export function pointOf(part: AdoptionPart, { code, message, expected, got, remedy }: Refusal): AdoptionPoint {
  return {
    ...{ part, blocks: true, code, message },
    ...(expected === undefined ? {} : { expected }),
    ...(got === undefined ? {} : { got }),
    ...(remedy === undefined ? {} : { remedy }),
  };
}

/** What a roll-back to it would change: the manifests do not say what stands there. */
export function tellDifferences({
  objects,
  more,
  notes = [],
  unknown,
}: NonNullable<Found['changes']>): readonly AdoptionPoint[] {
  const untold = [...notes, ...(unknown === undefined ? [] : [unknown])];
  const points = objects.map(pointFor);
  if (more > 0) points.push({ part: 'differences', blocks: false, message: `${more} more objects differ` });
  return [
    ...points,
    ...untold.map((message): AdoptionPoint => ({
      part: 'differences',
      blocks: true,
      message,
      remedy: 'nobody would know what a roll-back to it does: mend what is said here, then look again',
    })),
  ];
}

function pointFor({ ref, change, values, more }: ObjectChange): AdoptionPoint {
  const what = formatRef(ref);
  if (change !== 'changed') {
    const message = `${what} is in the manifests and not in the cluster: a roll-back adds it`;
    return { part: 'differences', blocks: false, message, remedy: 'take it out of the manifests, or deploy it' };
  }
  const by = [...new Set(values.flatMap(({ foreign }) => foreign?.by ?? []))];
  const owners = by.length === 0 ? '' : `, set by ${by.join(', ')}`;
  const message = `${what} differs from the manifests in ${values.length + more} values${owners}: a roll-back changes it`;
  const got = values
    .map(({ path, before = 'nothing', after = 'nothing', hidden }) =>
      hidden === true ? `${path} (not shown)` : `${path}: ${before} → ${after}`,
    )
    .join('; ');
  return {
    part: 'differences',
    blocks: false,
    message,
    got,
    remedy: 'write into the manifests what stands there, or leave it',
  };
}
