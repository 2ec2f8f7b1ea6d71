import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import express, {
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import expressStaticGzip from 'express-static-gzip'

export interface ClientFiles {
  /** `'sha256-…'` of each inline script, for the content security policy. */
  readonly scriptHashes: readonly string[]
  readonly handler: RequestHandler
}

/**
 * The built pages: files by name, and the page that renders every other address: 404 for unknown ones. `publicUrl`
 * is where others reach them.
 */
export function createClientFiles(folder: string, publicUrl?: string): ClientFiles {
  const page = ['200.html', 'index.html'].map((name) => resolve(folder, name)).find(existsSync)
  if (!page) return { scriptHashes: [], handler: notBuilt }

  const pages = readdirSync(folder).filter((name) => name.endsWith('.html'))
  const scriptHashes = pages.flatMap((name) => hashesOf(readFileSync(join(folder, name), 'utf8')))
  const addresses = addressesOf(folder)
  const html = withPicture(readFileSync(page, 'utf8'), publicUrl)
  const immutable = `${sep}_app${sep}immutable${sep}`

  const router = express.Router()
  router.use(
    expressStaticGzip(folder, {
      index: false,
      enableBrotli: true,
      orderPreference: ['br', 'gz'],
      serveStatic: {
        redirect: false,
        setHeaders(response, path) {
          // Their names contain a hash of their content; everything else may change with the next release.
          const forever = path.includes(immutable)
          response.setHeader(
            'Cache-Control',
            forever ? 'public, max-age=31536000, immutable' : 'no-cache',
          )
        },
      },
    }),
    // A file removed by a new build: the fallback is not compressed.
    (_request: Request, response: Response, next: NextFunction) => {
      response.removeHeader('Content-Encoding')
      response.removeHeader('Content-Type')
      next()
    },
  )
  router.get('/{*path}', (request, response, next) => {
    // A missing script must not be answered with a page.
    if (request.path.startsWith('/_app/') || !request.accepts('html')) return next()
    const isKnown = addresses?.some((address) => address.test(request.path)) ?? true
    response
      .status(isKnown ? 200 : 404)
      .set('Cache-Control', 'no-cache')
      .type('html')
      .send(html)
  })
  return { scriptHashes: [...new Set(scriptHashes)], handler: router }
}

/** The page with the picture that a link to it shows elsewhere: its address must be whole, so only if it is known. */
function withPicture(html: string, publicUrl: string | undefined): string {
  if (publicUrl === undefined) return html
  return html.replace('</head>', `<meta property="og:image" content="${publicUrl}/og.png"></head>`)
}

/** The addresses with a page, as written by the build; undefined if it wrote none. */
function addressesOf(folder: string): RegExp[] | undefined {
  const file = join(folder, 'addresses.json')
  if (!existsSync(file)) return undefined
  const patterns: string[] = JSON.parse(readFileSync(file, 'utf8'))
  return patterns.map((pattern) => new RegExp(pattern))
}

/** The hashes of the inline scripts of a page, as a content security policy names them. */
export function hashesOf(html: string): string[] {
  const scripts = html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi)
  return [...scripts].map(([, text = '']) => {
    return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  })
}

const notBuiltPage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>CreatorFlow Live</title>
<h1>The web app is not built yet</h1>
<p>The server is running, but <code>client/build</code> is missing. Run <code>npm run build</code>, then restart the server.</p></html>
`

const notBuilt: RequestHandler = (request, response, next) => {
  if (request.method !== 'GET' || !request.accepts('html')) return next()
  response.status(503).set('Cache-Control', 'no-store').type('html').send(notBuiltPage)
}
