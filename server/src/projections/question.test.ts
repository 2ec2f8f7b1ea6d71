import { expect, test } from 'vitest'
import { isQuestion } from './question.ts'

test.each([
  'is it lined?',
  'is it lined?! ',
  'is it lined? 🧥',
  'これは何ですか？',
  'ما هذا؟',
  'really (is it?)',
])('[PAGE-11] %j is a question', (text) => {
  expect(isQuestion(text, undefined)).toBe(true)
})

test.each(['lovely', '', 'who? me.not', '? I know'])('[PAGE-11] %j is not a question', (text) => {
  expect(isQuestion(text, undefined)).toBe(false)
})

test('[PAGE-11] a source may mark a question itself; anything but true is ignored', () => {
  expect(isQuestion('how big is it', true)).toBe(true)
  expect(isQuestion('how big is it', 'true')).toBe(false)
})
