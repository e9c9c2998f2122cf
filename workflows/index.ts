/** Every workflow, and nothing else: the door of the bundle. The function's name is the workflow's type on the wire. */
export { forecast } from './forecast.ts';
export { notification } from './notification.ts';
export { promotion } from './promotion.ts';
export { release } from './release.ts';
