// Not from Intl: it gives a currency's usual display, which changes between releases and differs from how
// amounts are sent (IDR: displayed without digits, two by ISO 4217). A server and a browser that disagreed
// would be off by a factor.
const digits: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

const exponents: ReadonlyMap<string, number> = /* @__PURE__ */ new Map(
  Object.entries(digits).flatMap(([exponent, codes]) =>
    codes.split(' ').map((code) => [code, Number(exponent)] as const),
  ),
)

/** Digits after the point of a currency by ISO 4217: JPY 0, USD 2, KWD 3. */
export function exponentOf(currency: string): number {
  return exponents.get(currency) ?? 2
}
