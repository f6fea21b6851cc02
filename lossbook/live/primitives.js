// Stable elementary functions that compiled expressions call beside JavaScript's Math: the same names and the same
// numbers as in lossbook.functions, to the last digits at extreme arguments too.
// Python puts those that a figure calls before its expressions; each starts with `const` at the beginning of a line.
const sigmoid = (x) => {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
};
const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const log_sigmoid = (x) => -softplus(-x);
const logsumexp = (...terms) => {
  const largest = Math.max(...terms), at = terms.indexOf(largest);
  if (!Number.isFinite(largest)) return largest;
  return largest + Math.log1p(terms.reduce((total, x, i) => (i === at ? total : total + Math.exp(x - largest)), 0));
};
const xlogy = (x, y) => (x === 0 && !Number.isNaN(y) ? 0 : x * Math.log(y));
const relu = (x) => Math.max(0, x);
const logcosh = (x) => {
  const size = Math.abs(x);
  if (size >= 1) return size + (Math.log1p(Math.exp(-2 * size)) - Math.LN2);
  const half = Math.sinh(size / 2);
  return Math.log1p(2 * half * half);
};
const pow1pm1 = (x, power) => {
  const exponent = power * Math.log1p(x);
  // Where the exponent is large the power is taken directly, since exp would multiply the exponent's rounding.
  return Math.abs(exponent) > 1 ? Math.pow(1 + x, power) - 1 : Math.expm1(exponent);
};
const sum = (low, high, term) => {
  let total = 0;
  for (let i = low; i <= high; i++) total += term(i);
  return total;
};
// Stirling's series beyond 12, which smaller arguments are lifted to by Γ(x + 1) = x Γ(x); reflected below ½.
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];
const loggamma = (x) => {
  if (x <= 0 && Number.isInteger(x)) return Infinity;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - loggamma(1 - x);
  if (x === 1 || x === 2) return 0;
  let product = 1;
  for (; x < 12; x++) product *= x;
  const series = STIRLING.reduceRight((tail, c) => tail / (x * x) + c, 0) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
};
const gamma = (x) => {
  if (Number.isInteger(x) && x > 0 && x < 24) {
    let product = 1;
    for (let k = 2; k < x; k++) product *= k;
    return product;
  }
  return x < 0.5 ? Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x)) : Math.exp(loggamma(x));
};
// A series of positive terms up to 3, a continued fraction for the rest.
const erf = (x) => {
  const t = Math.abs(x);
  if (t > 6) return Math.sign(x);
  let result;
  if (t < 3) {
    let term = t, total = t;
    for (let n = 1; term > 1e-17 * total; n++) total += term *= (2 * t * t) / (2 * n + 1);
    result = (2 / Math.sqrt(Math.PI)) * Math.exp(-t * t) * total;
  } else {
    let fraction = t;
    for (let n = 60; n > 0; n--) fraction = t + n / 2 / fraction;
    result = 1 - Math.exp(-t * t) / (Math.sqrt(Math.PI) * fraction);
  }
  return x < 0 ? -result : result;
};
