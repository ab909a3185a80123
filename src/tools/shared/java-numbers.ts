/** Java's Double.toString: the fewest digits that name the number, always a fraction, scientific from 10^7 and below 10^-3. */
export function javaDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  const magnitude = Math.abs(value);
  const shortest = String(magnitude);
  // Java writes two digits at least, and then those that come closest: 4.9E-324 where one digit would be 5.
  const isOneDigit = /^\d(?:e|$)/.test(shortest) && shortest !== '0';
  return javaDecimal(value, isOneDigit ? magnitude.toPrecision(2) : shortest);
}

/** The text of a float as Java's Float.toString: the fewest digits that still name this 32-bit number. */
export function javaFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  const magnitude = Math.abs(value);
  let digits = String(magnitude);
  for (let precision = 1; precision <= 9; precision++) {
    const candidate = magnitude.toPrecision(precision);
    if (Math.fround(Number(candidate)) === magnitude) {
      digits = String(Number(candidate));
      break;
    }
  }
  return javaDecimal(value, digits);
}

// Java writes plain decimals from 10^-3 up to 10^7 and d.dE±n outside; there is always a digit after the point.
function javaDecimal(value: number, magnitudeText: string): string {
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (magnitudeText === 'Infinity') return `${sign}Infinity`;
  const [mantissa = '', exponentText = '0'] = magnitudeText.split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  if (digits === '') return `${sign}0.0`;
  const leadingZeros = `${whole}${fraction}`.length - digits.length;
  // The value is 0.digits * 10^pointAt.
  const pointAt = whole.length + Number(exponentText) - leadingZeros;
  const significant = digits.replace(/0+$/, '');
  if (pointAt > 7 || pointAt < -2) {
    return `${sign}${significant[0]}.${significant.slice(1) || '0'}E${pointAt - 1}`;
  }
  if (pointAt <= 0) return `${sign}0.${'0'.repeat(-pointAt)}${significant}`;
  return `${sign}${significant.slice(0, pointAt).padEnd(pointAt, '0')}.${significant.slice(pointAt) || '0'}`;
}
