/** KIP-800 lets clients send 255 characters; more is cut off. */
const MAX_REASON_LENGTH = 255;

/** Why a client says that it joins or leaves, fit for one line of a log whatever the client sent. */
export function clientReason(reason: string | null | undefined): string {
  return reason
    ? `client reason: ${JSON.stringify(reason.slice(0, MAX_REASON_LENGTH))}`
    : 'client reason: not provided';
}
