/** Every workflow, and nothing else: the door of the bundle. The function's name is the workflow's type on the wire. */
export { adoption } from './adoption.ts';
export { environment } from './environment.ts';
export { evidence } from './evidence.ts';
export { forecast } from './forecast.ts';
export { guardian } from './guardian.ts';
export { notification } from './notification.ts';
export { observation } from './observation.ts';
export { promotion } from './promotion.ts';
export { rehearsal } from './rehearsal.ts';
export { rollback } from './rollback.ts';
export { release } from './release.ts';
