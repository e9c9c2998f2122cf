/** What operators filter by in the Temporal UI (KEYWORD each; never encrypted, so nothing secret). */
import { defineSearchAttributeKey } from '@temporalio/common';

export const SERVICE = defineSearchAttributeKey('SluiceService', 'KEYWORD');
export const VERSION = defineSearchAttributeKey('SluiceVersion', 'KEYWORD');
export const ENVIRONMENT = defineSearchAttributeKey('SluiceEnvironment', 'KEYWORD');
/** One of `WAIT_KINDS` (`domain/waiting.ts`), or unset while nothing is waited for. */
export const WAITING_FOR = defineSearchAttributeKey('SluiceWaitingFor', 'KEYWORD');
export const OUTCOME = defineSearchAttributeKey('SluiceOutcome', 'KEYWORD');
export const DIGEST = defineSearchAttributeKey('SluiceDigest', 'KEYWORD');

/** All of them, for registration on a new namespace. */
export const SEARCH_ATTRIBUTES = [SERVICE, VERSION, ENVIRONMENT, WAITING_FOR, OUTCOME, DIGEST] as const;
