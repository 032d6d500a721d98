// A person's authenticator app (RFC 6238), as far as it is needed to set one up: the newest seed that a page showed, and its code.
import { createHmac } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The seed that a page shows, in its `otpauth:` link. */
export function seedOn(page) {
  const link = page.links().find(({ href }) => href.startsWith('otpauth:'));
  return link && new URL(link.href).searchParams.get('secret');
}

/** The six digits of this moment. */
export function code(seed, now = Date.now()) {
  const bits = [...seed].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(now / 30_000)));
  const mac = createHmac('sha1', key).update(step).digest();
  const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, '0');
}
