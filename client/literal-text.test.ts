// biome-ignore-all lint/suspicious/noTemplateCurlyInString: sources of components are texts here
import { expect, test } from 'vitest'
import { literalTexts } from './literal-text.ts'

const found = (source: string) => literalTexts(source).map(({ text }) => text)

test('[PAGE-4] text in the markup of a component is found, with its line', () => {
  expect(literalTexts('<h1>\n  {m.title()}\n</h1>\n<p>Sign in <b>again</b></p>')).toEqual([
    { line: 4, text: 'Sign in' },
    { line: 4, text: 'again' },
  ])
})

test('[PAGE-4] text in attributes and in the expressions between is found', () => {
  expect(found('<img alt="A mug"><input placeholder="search" aria-label={m.x()}>')).toEqual([
    'A mug',
    'search',
  ])
  expect(found('<Field label="Your name" hint={open ? "No orders yet" : m.x()} />')).toEqual([
    'Your name',
    'No orders yet',
  ])
  expect(found('<p>{open ? `${n} orders left` : m.x()}</p>')).toEqual(['orders left'])
  expect(found('<td data-label="Size">{size}</td>')).toEqual(['Size'])
})

test('[PAGE-4] names of kinds, classes, code, numbers and the product are no text', () => {
  const source = `<script lang="ts">const x = 'A text of a script'</script>
    <Icon name="triangle-alert" /><Panel surface="summary" {title} />
    <p class="one two" style:width="{n} px" data-state={state === 'on air' ? 'live' : 'off'}>
      <code>npm start</code> · {n} – CreatorFlow Live {m.what({ n })}
    </p>
    <input type="checkbox" placeholder="@mira">`
  expect(found(source)).toEqual([])
})
