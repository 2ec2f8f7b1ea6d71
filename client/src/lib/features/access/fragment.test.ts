import { afterEach, describe, expect, it, vi } from 'vitest'
import { takeToken, tokenOf } from './fragment.ts'

describe('links', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('[ACCESS-13] the token is read from the fragment', () => {
    expect(['#token=ab-_1', 'token=x', '', '#', '#token=', '#other'].map(tokenOf)).toEqual([
      'ab-_1',
      'x',
      null,
      null,
      null,
      null,
    ])
  })

  it('[ACCESS-13] reading the token removes it from the address bar', () => {
    const replaceState = vi.fn()
    vi.stubGlobal('location', { hash: '#token=secret', pathname: '/reset', search: '?a=b' })
    vi.stubGlobal('history', { state: { kept: 1 }, replaceState })
    expect(takeToken()).toBe('secret')
    expect(replaceState).toHaveBeenCalledExactlyOnceWith({ kept: 1 }, '', '/reset?a=b')
  })
})
