import adapter from '@sveltejs/adapter-static'
import { sveltekit } from '@sveltejs/kit/vite'
import { defineConfig } from 'vite'

const backend = 'http://localhost:3000'

export default defineConfig({
  // Tests run this from the top of the repository, where there is no app.html.
  root: import.meta.dirname,
  plugins: [
    sveltekit({
      // Compressed once, while building: a thousand screens that come back cost the server no time.
      adapter: adapter({ fallback: '200.html', precompress: true }),
      // The first page's small sheets: each would be a request before the first numbers.
      inlineStyleThreshold: 8_000,
      compilerOptions: { runes: true },
      // A cockpit stays open for hours: it asks whether the server has newer pages.
      version: { pollInterval: 5 * 60_000 },
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
                  // What runs every page; the router wants its two entries to be files of their own.
                  name: 'runtime',
                  test: /\/node_modules\/(svelte|@sveltejs\/kit|devalue|esm-env|clsx)\/(?!src\/runtime\/client\/(client-)?entry)|preload-helper|rolldown\/runtime/,
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
