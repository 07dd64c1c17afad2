import { describe, expect, it } from 'vitest';
import { loadText, printable, shareText, timeText } from '../../src/cli/render/quantities.ts';

describe('quantities', () => {
  it.each([
    [null, '?'],
    [0, '0 bytes'],
    [1023, '1023 bytes'],
    [1024, '1 KiB'],
    [71_885, '70.2 KiB'],
    [1024 ** 2 * 1.256, '1.26 MiB'],
    [1024 ** 3, '1 GiB'],
    [1024 ** 5, '1024 TiB'],
  ])('a load of %s bytes is %s', (bytes, text) => {
    expect(loadText(bytes)).toBe(text);
  });

  it('shares have as many decimals as asked for, and an unknown one is a question mark', () => {
    expect([shareText(1 / 3, 1), shareText(1 / 3, 2), shareText(1, 1), shareText(null, 1)]).toEqual([
      '33.3%',
      '33.33%',
      '100.0%',
      '?',
    ]);
  });

  it('a time that is none does not stop the rest', () => {
    expect([timeText(0), timeText(8.7e15)]).toEqual(['1970-01-01 00:00:00Z', '?']);
  });

  it('no control character of another host reaches the terminal', () => {
    expect(printable('a\u001b[31m\r\n\u009b\u2028ö')).toBe('a\\x1b[31m\\x0d\\x0a\\x9b\\u2028ö');
  });
});
