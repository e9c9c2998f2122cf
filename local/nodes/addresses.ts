/** Loopback addresses for load balancers: on Linux all of 127.0.0.0/8 answers, elsewhere only 127.0.0.1 does. */
import { isIPv4 } from 'node:net';

export interface AddressPool {
  /** The service's address: the wanted one if it is in the range and free, else the first free one; undefined: none is left. */
  take(owner: string, wanted?: string): string | undefined;
  release(owner: string): void;
}

const LOOPBACK = 127;

/** `count` addresses from `first` on. Two clusters on one machine need ranges that do not overlap. */
export function addressPool(first: string, count: number): AddressPool {
  const range = addressesFrom(first, count);
  const taken = new Map<string, string>();
  return {
    take(owner, wanted) {
      const free = range.filter((address) => !taken.has(address) || taken.get(address) === owner);
      const held = range.find((address) => taken.get(address) === owner);
      const address = held ?? free.find((candidate) => candidate === wanted) ?? free[0];
      if (address !== undefined) taken.set(address, owner);
      return address;
    },
    release(owner) {
      for (const [address, holder] of taken) if (holder === owner) taken.delete(address);
    },
  };
}

/** Throws when the range leaves 127.0.0.0/8: nothing here may be reachable from outside. */
function addressesFrom(first: string, count: number): string[] {
  const start = isIPv4(first) ? first.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) : 0;
  const range = Array.from({ length: count }, (_, index) => start + index);
  if (range.length === 0 || range.some((number) => Math.floor(number / 256 ** 3) !== LOOPBACK)) {
    throw new Error(`load balancer addresses: expected 1 or more in 127.0.0.0/8, got ${count} from "${first}"`);
  }
  return range.map((number) => [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.'));
}
