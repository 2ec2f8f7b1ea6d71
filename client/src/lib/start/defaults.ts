/** Shorter ids say too little, such as the 7 of a name that is otherwise Chinese. */
const LEAST_ID = 3
const MOST_ID = 64

/** What is left of a name in `[a-z0-9-]`; nothing of one without Latin letters. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MOST_ID)
    .replace(/^-+|-+$/g, '')
}

/** The id for a creator of that name: from its Latin letters where there are enough, else a random one. */
export function idFor(name: string, random: string): string {
  const slug = slugOf(name)
  return slug.length < LEAST_ID ? `shop-${random}` : slug
}

/** Another id for the same name, for when the first one is taken or reserved. */
export function otherIdFor(name: string, random: string): string {
  const slug = slugOf(name).slice(0, MOST_ID - 1 - random.length)
  return `${slug || 'shop'}-${random}`
}

/** Six characters that an id may have. */
export function randomPart(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789'
  return [...crypto.getRandomValues(new Uint8Array(6))]
    .map((byte) => letters[byte % letters.length])
    .join('')
}

const euro = 'AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK'

const currencyByRegion: Readonly<Record<string, string>> = {
  ...Object.fromEntries(euro.split(' ').map((region) => [region, 'EUR'])),
  AE: 'AED',
  AR: 'ARS',
  AU: 'AUD',
  BR: 'BRL',
  CA: 'CAD',
  CH: 'CHF',
  CL: 'CLP',
  CN: 'CNY',
  CO: 'COP',
  CZ: 'CZK',
  DK: 'DKK',
  EG: 'EGP',
  GB: 'GBP',
  HK: 'HKD',
  HU: 'HUF',
  ID: 'IDR',
  IL: 'ILS',
  IN: 'INR',
  JP: 'JPY',
  KR: 'KRW',
  KW: 'KWD',
  MX: 'MXN',
  MY: 'MYR',
  NG: 'NGN',
  NO: 'NOK',
  NZ: 'NZD',
  PE: 'PEN',
  PH: 'PHP',
  PK: 'PKR',
  PL: 'PLN',
  RO: 'RON',
  SA: 'SAR',
  SE: 'SEK',
  SG: 'SGD',
  TH: 'THB',
  TR: 'TRY',
  TW: 'TWD',
  UA: 'UAH',
  US: 'USD',
  VN: 'VND',
  ZA: 'ZAR',
}

/** The currency of the place that a language tag means, else US dollars. */
export function currencyOf(locale: string): string {
  const region = new Intl.Locale(locale).maximize().region
  return (region && currencyByRegion[region]) || 'USD'
}

/** `values` with the default in it: the platform's list may leave out what it itself reports. */
export function including(values: readonly string[], wanted: string): readonly string[] {
  return values.includes(wanted) ? values : [wanted, ...values]
}

/** What a creator made in this browser most likely wants; all of it can be changed later. */
export function localDefaults(): { time_zone: string; currency: string; locale: string } {
  const locale = navigator.language || 'en'
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
  return { time_zone: timeZone, currency: currencyOf(locale), locale }
}
