// Checksums of TFRecord files: CRC-32C (Castagnoli; RFC 3720, section B.4), and the mask that TensorFlow puts over it.

/** The polynomial, its bits from the last to the first. */
const POLYNOMIAL = 0x82f63b78;

/** 32 bits, unsigned. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? POLYNOMIAL : 0);
  }
  return ~crc >>> 0;
}

/** A checksum of bytes that hold their own checksum would always be the same: so the stored one is turned and shifted. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
