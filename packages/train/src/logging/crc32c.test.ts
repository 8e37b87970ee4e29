import { expect, it } from 'vitest';
import { crc32c } from './crc32c.js';

it.each([
  // The check value of the CRC catalogue, and test patterns of RFC 3720, B.4.
  ['nine digits', new TextEncoder().encode('123456789'), 0xe3069283],
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['0 to 31', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
  ['nothing', new Uint8Array(0), 0],
])('crc32c of %s', (_, bytes, checksum) => {
  expect(crc32c(bytes)).toBe(checksum);
});
