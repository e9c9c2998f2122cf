/** What the signature of a DSSE envelope is over (DSSE 1.0, "Signature definition"). */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const typeLength = Buffer.byteLength(payloadType);
  return Buffer.concat([Buffer.from(`DSSEv1 ${typeLength} ${payloadType} ${payload.byteLength} `), payload]);
}
