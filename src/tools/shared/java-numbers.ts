/** Java's Double.toString: always a fraction, scientific from 10^7 and below 10^-3. */
export function javaDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e7)) return Number.isInteger(value) ? value.toFixed(1) : String(value);
  const [digits, exponent] = value.toExponential().split('e');
  const mantissa = digits?.includes('.') ? digits : `${digits}.0`;
  return `${mantissa}E${Number(exponent)}`;
}
