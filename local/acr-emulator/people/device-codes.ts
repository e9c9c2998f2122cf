/** Device codes (RFC 8628): asked for by a device, decided by a person elsewhere, polled for until then. */
import { randomBytes, randomInt } from 'node:crypto';
import { Refusal } from '../http/refusal.ts';
import type { UserDefinition } from './directory.ts';
import { forgetExpired, type Grant, type SignInRequest, type SignInSettings } from './grants.ts';

/** Without vowels, which spell words, and without what looks like something else (RFC 8628, 6.1). */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const USER_CODE_LENGTH = 9;
/** RFC 8628, 3.5: each `slow_down` adds as much for good. */
const SLOW_DOWN_SECONDS = 5;

type Decision = 'pending' | 'denied' | 'redeemed' | UserDefinition;

interface DeviceCode {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly request: SignInRequest;
  readonly expiresAt: number;
  pollSeconds: number;
  polledAt: number;
  decision: Decision;
}

export class DeviceCodes {
  readonly #settings: SignInSettings;
  readonly #codes = new Map<string, DeviceCode>();

  constructor(settings: SignInSettings) {
    this.#settings = settings;
  }

  begin(request: SignInRequest): { readonly deviceCode: string; readonly userCode: string } {
    const now = this.#settings.now();
    forgetExpired(this.#codes, now);
    const code: DeviceCode = {
      deviceCode: randomBytes(32).toString('base64url'),
      userCode: Array.from({ length: USER_CODE_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
      request,
      expiresAt: now + this.#settings.deviceCodeSeconds * 1000,
      pollSeconds: this.#settings.pollSeconds,
      polledAt: Number.NEGATIVE_INFINITY,
      decision: 'pending',
    };
    this.#codes.set(code.deviceCode, code);
    return code;
  }

  /** Approves as the user, or denies. False when no such code waits for a decision: wrong, expired, decided already. */
  decide(userCode: string, decision: UserDefinition | 'denied'): boolean {
    const typed = userCode.toUpperCase().replaceAll(/[^A-Z]/g, '');
    const code = [...this.#codes.values()].find((one) => one.userCode === typed);
    if (code === undefined || code.decision !== 'pending' || this.#isOver(code)) return false;
    code.decision = decision;
    return true;
  }

  /** The grant of an approved code, once; until then a refusal that tells the device what to do. */
  redeem(deviceCode: string, clientId: string): Grant {
    const code = this.#codes.get(deviceCode);
    if (code === undefined || code.request.client.clientId !== clientId) {
      throw refuse('invalid_grant', "AADSTS70000: The provided value for the 'device_code' parameter is not valid.");
    }
    const { decision } = code;
    if (decision === 'redeemed') {
      throw refuse('invalid_grant', 'AADSTS54005: The device code was already redeemed, please retry with a new one.');
    }
    if (this.#isOver(code)) throw refuse('expired_token', 'AADSTS70020: This device code has expired.');
    if (decision === 'denied') {
      throw refuse('access_denied', 'AADSTS65004: User declined to consent to access the app.');
    }
    if (decision === 'pending') throw this.#wait(code);
    code.decision = 'redeemed';
    return { ...code.request, user: decision };
  }

  #wait(code: DeviceCode): Refusal {
    const now = this.#settings.now();
    const early = now - code.polledAt < code.pollSeconds * 1000;
    code.polledAt = now;
    if (!early) {
      return refuse(
        'authorization_pending',
        'AADSTS70016: OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
      );
    }
    code.pollSeconds += SLOW_DOWN_SECONDS;
    return refuse(
      'slow_down',
      `AADSTS70016: Authorization is pending. Poll every ${code.pollSeconds} seconds at most.`,
    );
  }

  #isOver({ expiresAt }: DeviceCode): boolean {
    return expiresAt <= this.#settings.now();
  }
}

function refuse(code: string, message: string): Refusal {
  return new Refusal(400, code, message);
}
