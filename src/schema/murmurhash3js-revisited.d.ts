/** The part of the package's interface that is used here; it ships no types of its own. */
declare module 'murmurhash3js-revisited' {
  const murmurHash3: {
    readonly x64: {
      /** MurmurHash3_x64_128 of bytes, as 32 lower-case hexadecimal characters. */
      hash128(bytes: Uint8Array, seed?: number): string;
    };
  };
  export default murmurHash3;
}
