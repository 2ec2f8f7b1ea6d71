import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import adapter from '@sveltejs/adapter-static'
import type { Adapter } from '@sveltejs/kit'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'
import { clientFingerprint } from '../scripts/client-build.ts'
import { pictures, renderPicture } from './icons.ts'

const backend = 'http://localhost:3000'

// Compressed once, while building: a thousand screens that come back cost the server no time.
const files = adapter({ fallback: '200.html', precompress: true })

/** The static files, the icons, and which addresses have a page: the server answers all others with 404. */
const filesAndAddresses: Adapter = {
  ...files,
  async adapt(builder) {
    await files.adapt(builder)
    for (const picture of pictures) {
      writeFileSync(join(import.meta.dirname, 'build', picture.file), renderPicture(picture))
    }
    const pages = builder.routes.filter(({ id }) => id !== '/[...path]' && id !== '/design')
    writeFileSync(
      join(import.meta.dirname, 'build/addresses.json'),
      JSON.stringify(pages.map(({ pattern }) => pattern.source)),
    )
  },
}

export default defineConfig({
  // Tests run this from the top of the repository, where there is no app.html.
  root: import.meta.dirname,
  plugins: [
    sveltekit({
      adapter: filesAndAddresses,
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
          output: {
            codeSplitting: {
              includeDependenciesRecursively: false,
              // Few files: forty small ones cost a browser more before the first numbers than their bytes.
              groups: [
                {
                  // What the first entry needs. The rest reads the payload when it is loaded: in one file with it,
                  // it would find none, and take every build for a newer one.
                  name: 'first',
                  test: /@sveltejs\/kit\/src\/runtime\/client\/payload|preload-helper|rolldown\/runtime/,
                },
                {
                  // What runs every page; the router wants its two entries to be files of their own.
                  name: 'runtime',
                  test: /\/node_modules\/(svelte|@sveltejs\/kit|devalue|esm-env|clsx)\/(?!src\/runtime\/client\/((client-)?entry|payload))/,
                },
                {
                  // What other pages than the cockpit share: it need not load them.
                  name: 'pages',
                  test: /\/client\/src\/lib\/(past\/(CreatorPage|Curves|ChangeNote|changes|curves|summary-metrics)|ui\/(Confirm|CopyOnce|Field|Form|PasswordField|Table)\.svelte)|\/shared\/src\/(errors|insights\/best-minutes)\.ts/,
                  minShareCount: 2,
                },
                {
                  // What pages share.
                  name: 'shared',
                  test: /\/client\/src\/lib\/(?!settings\/|features\/)|\/shared\/src\//,
                  minShareCount: 2,
                },
              ],
            },
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
})
