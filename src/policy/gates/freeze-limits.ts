import { DAY } from './zoned-time.ts';

/** A longer stretch is refused when the configuration is read: nothing is frozen for ever. */
export const LONGEST_FREEZE = 366 * DAY;
