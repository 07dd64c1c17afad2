/** Bytes of a stream as they come, given out in pieces of the size that is asked for. */
export class ByteQueue {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.#bytes += chunk.length;
  }

  /** The next `size` bytes, or null, and nothing taken, while there are fewer. */
  take(size: number): Buffer | null {
    if (this.#bytes < size) return null;
    const first = this.#chunks[0];
    const whole =
      first !== undefined && first.length < size ? Buffer.concat(this.#chunks.splice(0)) : this.#chunks.shift();
    if (whole === undefined) return Buffer.alloc(0);
    if (whole.length > size) this.#chunks.unshift(whole.subarray(size));
    this.#bytes -= size;
    return whole.subarray(0, size);
  }
}
