/** Gratuitous ARP as bytes (agents 3): "this address is at this hardware address", told to everybody. */
const BROADCAST = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
const NOBODY = new Uint8Array(6);
const ETHERTYPE_ARP = [0x08, 0x06];
/** Ethernet, IPv4, and the lengths of their addresses. */
const ETHERNET_IPV4 = [0x00, 0x01, 0x08, 0x00, 6, 4];
const OPERATION = { request: [0, 1], reply: [0, 2] } as const;

export const ARP_FRAME_BYTES = 42;

/**
 * A whole Ethernet frame, 42 bytes. `mac` is 6 bytes, `address` 4. Sender and target address are the address
 * itself; the target's hardware address is nobody in a request and our own in a reply. Some stacks listen to
 * the one kind only, some to the other.
 */
export function arpFrame(operation: 'request' | 'reply', mac: Uint8Array, address: Uint8Array): Uint8Array {
  const target = operation === 'request' ? NOBODY : mac;
  return Uint8Array.from([
    ...BROADCAST,
    ...mac,
    ...ETHERTYPE_ARP,
    ...ETHERNET_IPV4,
    ...OPERATION[operation],
    ...mac,
    ...address,
    ...target,
    ...address,
  ]);
}
