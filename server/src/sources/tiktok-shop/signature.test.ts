import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSigned, signRequest } from './signature.ts'

// The example published by TikTok Shop.
const keys = { appKey: 'abcdef', appSecret: '123' }
const body = Buffer.from(
  '{"type":1,"tts_notification_id":"7380066284010030890","shop_id":"7495540735365777507","timestamp":1718305585,"data":{"is_on_hold_order":true,"order_id":"576653688135258178","order_status":"UNPAID","update_time":1718305585}}',
)
const published = '5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05'

test('[TTSHOP-1] the published signature is right', () => {
  expect(isSigned(body, published, keys)).toBe(true)
})

test('[TTSHOP-1] changing, removing or adding any byte makes it invalid', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: body.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (at, change) => {
        const changed = Buffer.from(body)
        changed[at] = (changed[at] ?? 0) ^ change
        expect(isSigned(changed, published, keys)).toBe(false)
        const shorter = Buffer.concat([body.subarray(0, at), body.subarray(at + 1)])
        expect(isSigned(shorter, published, keys)).toBe(false)
        const longer = Buffer.concat([body.subarray(0, at), Buffer.of(change), body.subarray(at)])
        expect(isSigned(longer, published, keys)).toBe(false)
      },
    ),
  )
})

test.each([
  ['nothing', undefined],
  ['empty', ''],
  ['capital letters', published.toUpperCase()],
  ['a word before it', `Bearer ${published}`],
  ['shorter', published.slice(0, 62)],
  ['longer', `${published}00`],
  ['no hex', published.replace('5', 'g')],
  ['base64', Buffer.from(published, 'hex').toString('base64')],
  ['without the app key', createHmac('sha256', '123').update(body).digest('hex')],
  ['the key as the secret', createHmac('sha256', 'abcdef').update(body).digest('hex')],
])('[TTSHOP-1] a signature in another format is invalid: %s', (_, authorization) => {
  expect(isSigned(body, authorization, keys)).toBe(false)
})

test('[TTSHOP-1] another secret or app key is invalid', () => {
  expect(isSigned(body, published, { ...keys, appSecret: '1234' })).toBe(false)
  expect(isSigned(body, published, { ...keys, appKey: 'abcde' })).toBe(false)
})

test('[TTSHOP-1] a request is signed over path, sorted parameters and body, not over sign and access_token', () => {
  const query = { timestamp: '1700000000', app_key: 'k', page_size: '50', shop_cipher: 'c' }
  const request = { path: '/order/202309/orders/search', query, body: '{"a":1}' }
  const message =
    'sss/order/202309/orders/searchapp_keykpage_size50shop_cipherctimestamp1700000000{"a":1}sss'
  const wanted = createHmac('sha256', 'sss').update(message).digest('hex')
  expect(signRequest(request, 'sss')).toBe(wanted)
  const more = { ...query, sign: 'x', access_token: 'y' }
  expect(signRequest({ ...request, query: more }, 'sss')).toBe(wanted)
  expect(signRequest({ path: '/p', query: {} }, 's')).toBe(
    createHmac('sha256', 's').update('s/ps').digest('hex'),
  )
})
