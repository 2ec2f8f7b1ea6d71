import { createHash } from 'node:crypto'
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { compile } from '@inlang/paraglide-js'
import { catalogueTexts } from './catalogue.ts'
import { withoutChoice } from './inline-messages.ts'
import { type PseudoLocale, pseudoLocales, pseudoText } from './pseudo.ts'

/** The language of a build: a build speaks one, so a page loads no other. */
export type Locale = 'en' | PseudoLocale

/** One file for all messages, or one for each, which a bundler can leave out or load late. */
type Structure = 'locale-modules' | 'message-modules'

interface Variants {
  readonly declarations: readonly string[]
  readonly selectors: readonly string[]
  readonly match: Readonly<Record<string, string>>
}
export type Message = string | readonly [Variants]
export type Messages = Readonly<Record<string, Message>>

const client = import.meta.dirname
const folder = join(client, '.messages')

/** What `#messages` and `#catalogue` stand for. */
export const compiledModules = (structure: Structure, locale: Locale) => ({
  '#messages': join(folder, `${structure}-${locale}`, 'messages.js'),
  '#catalogue': join(folder, `${structure}-${locale}`, 'catalogue.js'),
})

/** Compiles the message files of all areas; does nothing if they are as they were. */
export async function compileMessages(structure: Structure, locale: Locale = 'en'): Promise<void> {
  const messages = localized(readMessages(), locale)
  const catalogue = JSON.stringify(localizedCatalogue(locale))
  const target = join(folder, `${structure}-${locale}`)
  const stamp = join(target, '.compiled-from')
  const source = [
    readFileSync(import.meta.filename, 'utf8'),
    JSON.stringify(messages),
    catalogue,
  ].join('\0')
  const fingerprint = createHash('sha256').update(source).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) return

  mkdirSync(folder, { recursive: true })
  // Made beside it: whoever reads meanwhile finds the old one or the new one.
  const work = mkdtempSync(join(folder, 'work-'))
  try {
    const project = join(work, 'project.inlang')
    const compiled = join(work, 'compiled')
    mkdirSync(project)
    writeFileSync(join(work, `${locale}.json`), JSON.stringify(messages))
    const format = join(client, '../node_modules/@inlang/plugin-message-format/dist/index.js')
    writeFileSync(
      join(project, 'settings.json'),
      JSON.stringify({
        baseLocale: locale,
        locales: [locale],
        modules: [relative(work, format)],
        'plugin.inlang.messageFormat': { pathPattern: './{locale}.json' },
        telemetry: 'off',
      }),
    )
    await compile({
      project,
      outdir: compiled,
      outputStructure: structure,
      strategy: ['baseLocale'],
      emitGitIgnore: false,
      emitPrettierIgnore: false,
      emitReadme: false,
      additionalFiles: {
        // With one locale in a build there is nothing to find out at run time.
        'runtime.js': `export const experimentalStaticLocale = '${locale}'\nexport const getLocale = () => '${locale}'\n`,
        'messages.d.ts': typesOf(messages),
        'catalogue.js': `export const texts = ${catalogue}\n`,
        'catalogue.d.ts': 'export declare const texts: Readonly<Record<string, string>>\n',
      },
    })
    for (const file of globSync('messages/*.js', { cwd: compiled })) {
      const path = join(compiled, file)
      writeFileSync(path, withoutChoice(readFileSync(path, 'utf8')))
    }
    writeFileSync(join(compiled, '.compiled-from'), fingerprint)
    rmSync(target, { recursive: true, force: true })
    renameSync(compiled, target)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** The English messages of all areas; fails if two have the same key. */
export function readMessages(): Messages {
  const found: Record<string, Message> = {}
  for (const file of globSync('src/**/messages/en.json', { cwd: client }).sort()) {
    const area: Messages = JSON.parse(readFileSync(join(client, file), 'utf8'))
    for (const [key, message] of Object.entries(area)) {
      if (key in found)
        throw new Error(`${file}: there is a message ${key} in another file already`)
      found[key] = message
    }
  }
  return found
}

/** The messages in the words of a locale. */
export function localized(messages: Messages, locale: Locale): Messages {
  return locale in pseudoLocales ? mapTexts(messages, pseudoText) : messages
}

/** The texts of the shared catalogues by what they are in English; none in English itself. */
export function localizedCatalogue(locale: Locale): Readonly<Record<string, string>> {
  if (!(locale in pseudoLocales)) return {}
  return Object.fromEntries(catalogueTexts().map((text) => [text, pseudoText(text)]))
}

function mapTexts(messages: Messages, change: (text: string) => string): Messages {
  const entries = Object.entries(messages).map(([key, message]): [string, Message] => {
    if (typeof message === 'string') return [key, change(message)]
    const [{ match, ...variants }] = message
    const texts = Object.entries(match).map(([variant, text]) => [variant, change(text)])
    return [key, [{ ...variants, match: Object.fromEntries(texts) }]]
  })
  return Object.fromEntries(entries)
}

const partTypes = `export type MessagePart =
  | { type: 'text'; value: string }
  | { type: 'markup-start' | 'markup-end' | 'markup-standalone'; name: string }
`

/** The types of the compiled messages: one file, where Paraglide would write and check one for each message. */
export function typesOf(messages: Messages): string {
  const members = Object.entries(messages).map(([key, message]) => {
    const inputs = inputsOf(message).map((name) => `${name}: string | number`)
    const text = typeof message === 'string' ? message : (Object.values(message[0].match)[0] ?? '')
    const given = inputs.length > 0 ? `inputs: { ${inputs.join('; ')} }` : ''
    const parts = text.includes('{#') ? ` & { parts(${given}): MessagePart[] }` : ''
    return `  /** ${text.replaceAll('*/', '* /')} */\n  readonly ${key}: ((${given}) => string)${parts}\n`
  })
  return `${partTypes}export declare const m: {\n${members.join('')}}\n`
}

/** The names of what a message is given. */
export function inputsOf(message: Message): readonly string[] {
  if (typeof message !== 'string') {
    return message[0].declarations.flatMap((one) => one.match(/^input (\w+)$/)?.slice(1) ?? [])
  }
  const names = [...message.matchAll(/(?<!\\)\{(\w+)\}/g)].flatMap(([, name = '']) => name)
  return [...new Set(names)]
}
