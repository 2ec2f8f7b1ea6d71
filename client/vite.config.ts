import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import adapter from '@sveltejs/adapter-static'
import type { Adapter } from '@sveltejs/kit'
import { sveltekit } from '@sveltejs/kit/vite'
import { type ConfigEnv, defineConfig, type Plugin, type UserConfig } from 'vite'
import { clientFingerprint } from '../scripts/client-build.ts'
import { codeSplitting } from './chunks.ts'
import { pictures, renderPicture } from './icons.ts'
import { inlineMessages } from './inline-messages.ts'
import {
  compiledModules,
  compileMessages,
  type Locale,
  localized,
  readMessages,
} from './messages.ts'
import { isPseudoLocale, pseudoLocales } from './pseudo.ts'

const backend = 'http://localhost:3000'

/** The static files, the icons, and which addresses have a page: the server answers all others with 404. */
function filesAndAddresses(locale: Locale): Adapter {
  const folder = locale === 'en' ? 'build' : `build-${locale}`
  const direction = locale === 'en' ? 'ltr' : pseudoLocales[locale]
  const files = adapter({
    fallback: '200.html',
    // Compressed once, while building: a thousand screens that come back cost the server no time.
    precompress: locale === 'en',
    pages: folder,
    assets: folder,
  })
  return {
    ...files,
    async adapt(builder) {
      await files.adapt({
        ...builder,
        async generateFallback(path) {
          await builder.generateFallback(path)
          const html = readFileSync(path, 'utf8')
          writeFileSync(path, html.replace('lang="en"', `lang="${locale}" dir="${direction}"`))
        },
      })
      for (const picture of pictures) {
        writeFileSync(join(import.meta.dirname, folder, picture.file), renderPicture(picture))
      }
      const pages = builder.routes.filter(({ id }) => id !== '/[...path]' && id !== '/design')
      writeFileSync(
        join(import.meta.dirname, folder, 'addresses.json'),
        JSON.stringify(pages.map(({ pattern }) => pattern.source)),
      )
    },
  }
}

/** While developing, a message that is edited is compiled, and the page loads anew. */
const editedMessages: Plugin = {
  name: 'edited-messages',
  async handleHotUpdate({ file, server }) {
    if (!file.endsWith('/messages/en.json')) return
    await compileMessages('locale-modules')
    server.ws.send({ type: 'full-reload' })
  },
}

/** In a build, before the components are compiled: Svelte then writes the texts into its templates. */
const inlinedMessages = (locale: Locale): Plugin => {
  const messages = localized(readMessages(), locale)
  return {
    name: 'inlined-messages',
    apply: 'build',
    enforce: 'pre',
    transform: {
      filter: { id: /\/client\/src\/.*\.(svelte|ts)$/ },
      handler: (code) => ({ code: inlineMessages(code, messages), map: null }),
    },
  }
}

export default defineConfig(async ({ command, mode }: ConfigEnv): Promise<UserConfig> => {
  // `vite build --mode en-XA` builds a pseudo-locale; whatever else is built is English.
  const locale: Locale = isPseudoLocale(mode) ? mode : 'en'
  const builds = command === 'build'
  await compileMessages('locale-modules')
  if (builds) await compileMessages('message-modules', locale)
  return {
    // Tests run this from the top of the repository, where there is no app.html.
    root: import.meta.dirname,
    resolve: { alias: builds ? compiledModules('message-modules', locale) : {} },
    plugins: [
      editedMessages,
      inlinedMessages(locale),
      sveltekit({
        adapter: filesAndAddresses(locale),
        // The first page's small sheets: each would be a request before the first numbers.
        inlineStyleThreshold: 8_000,
        compilerOptions: { runes: true },
        // A cockpit stays open for hours: it asks whether the server has newer pages. The same sources are the same
        // version, also when two servers build them.
        version: { name: clientFingerprint().slice(0, 16), pollInterval: 5 * 60_000 },
      }),
    ],
    build: {
      // A data: address would need a hole in the content security policy.
      assetsInlineLimit: 0,
    },
    environments: {
      client: {
        build: {
          rolldownOptions: {
            preserveEntrySignatures: 'allow-extension',
            // chart.js registers nothing by itself: scales that no chart uses are dropped.
            treeshake: { propertyReadSideEffects: false },
            output: {
              codeSplitting: codeSplitting(),
            },
          },
        },
      },
    },
    server: {
      proxy: {
        '/api': backend,
        '/socket.io': { target: backend, ws: true },
      },
    },
  }
})
