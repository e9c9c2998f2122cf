/** The name of each gate of an environment: as written, else its kind, `kind-2` for the second of a kind. */
export function gateNames(gates: readonly (readonly [kind: string, written: string | undefined])[]): readonly string[] {
  const counts = new Map<string, number>();
  return gates.map(([kind, written]) => {
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return written ?? (count === 1 ? kind : `${kind}-${count}`);
  });
}
