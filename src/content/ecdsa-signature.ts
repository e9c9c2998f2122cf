/** ECDSA signatures are written in two ways: both numbers side by side (IEEE P1363), or as ASN.1 DER, which OpenSSL and Cosign read. */

const SEQUENCE = 0x30;
const INTEGER = 0x02;
/** Longer contents, which P-256 never has, would need another form of length. */
const LONGEST = 0x7f;

/** Undefined: the bytes are no two numbers of that curve. */
export function derSignature(raw: Uint8Array, bytesOfCurve = 32): Uint8Array | undefined {
  if (raw.byteLength !== 2 * bytesOfCurve) return undefined;
  const both = Buffer.concat([integer(raw.subarray(0, bytesOfCurve)), integer(raw.subarray(bytesOfCurve))]);
  return both.byteLength > LONGEST ? undefined : Buffer.from([SEQUENCE, both.byteLength, ...both]);
}

/** The shortest form; a leading zero keeps it from being negative. */
function integer(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((one) => one !== 0);
  const digits = first < 0 ? bytes.subarray(-1) : bytes.subarray(first);
  const positive = (digits[0] ?? 0) >= 0x80 ? [0, ...digits] : [...digits];
  return Buffer.from([INTEGER, positive.length, ...positive]);
}
