import { invalidKey, murmur3Into } from './murmur3-partitioner.ts';

/** Longer texts are encoded into a buffer of their own, so that one huge key does not stay in memory for ever. */
const maxKeptBytes = 64 * 1024;

/**
 * Hashes keys one after another without allocating: bytes as they are, short texts through a buffer that it keeps.
 * The result stands in `token` until the next call, so an instance serves one caller at a time.
 */
export class KeyHasher {
  /** The token of the last key as [hi, lo], two int32. */
  readonly token = new Int32Array(2);
  readonly #encoder = new TextEncoder();
  #buffer = new Uint8Array(256);

  /**
   * Writes the token of `key` to `token`. Throws RingError INVALID_KEY for an empty key or one that is neither a string
   * nor bytes; `token` then keeps what it had.
   */
  hash(key: string | Uint8Array): void {
    if (typeof key === 'string' && key.length > 0) this.#hashText(key);
    else if (key instanceof Uint8Array && key.length > 0) murmur3Into(key, key.length, this.token);
    else throw invalidKey(key);
  }

  #hashText(text: string): void {
    // A UTF-16 unit takes at most three bytes of UTF-8.
    const needed = text.length * 3;
    if (needed > maxKeptBytes) {
      const bytes = this.#encoder.encode(text);
      murmur3Into(bytes, bytes.length, this.token);
      return;
    }
    if (needed > this.#buffer.length) this.#buffer = new Uint8Array(2 ** Math.ceil(Math.log2(needed)));
    const buffer = this.#buffer;
    // Most keys are short ASCII, where the call into the encoder costs more than the loop.
    let at = 0;
    for (; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit > 0x7f) break;
      buffer[at] = unit;
    }
    const length = at === text.length ? at : this.#encoder.encodeInto(text, buffer).written;
    murmur3Into(buffer, length, this.token);
  }
}
