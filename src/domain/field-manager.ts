/** One name for all that Sluice writes, in all its versions: ownership of fields hangs on it (server-side apply). */
export const FIELD_MANAGER = 'sluice';
