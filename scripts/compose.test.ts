import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const compose = readFileSync(join(import.meta.dirname, '../docker-compose.yml'), 'utf8')
const server = compose.slice(compose.indexOf('\n  server:'), compose.indexOf('\nvolumes:'))

test('[CONFIG-1] in a container every line of .env is a setting, except for locations', () => {
  expect(server).toMatch(/env_file:\n\s+- path: \.env\n\s+required: false/)
  const fixed = [...server.matchAll(/^ {6}([A-Z_]+):/gm)].map(([, name]) => name)
  expect(fixed).toEqual(['NODE_ENV', 'HOST', 'PORT', 'DATA_DIR', 'PUBLIC_URL'])
})

test("[STORE-4] no password has a default, and the server's role is not a superuser", () => {
  expect(compose).not.toMatch(/PASSWORD[^\n]*:-|PASSWORD: \w/)
  expect(server).toMatch(/postgres:\/\/creatorflow:\$\$\(cat \/secrets\/database\)@/)
  expect(server).toMatch(/redis:\/\/:\$\$\(cat \/secrets\/redis\)@/)
  expect(compose).toMatch(/--requirepass "\$\$\(cat \/secrets\/redis\)"/)
  const role = readFileSync(join(import.meta.dirname, '../db/docker/role.sh'), 'utf8')
  expect(role).not.toMatch(/role creatorflow[^;]*superuser/i)
})

test('[CONFIG-1] Node is started with the same options everywhere', () => {
  const read = (file: string) => readFileSync(join(import.meta.dirname, '..', file), 'utf8')
  const { start, dev } = JSON.parse(read('package.json')).scripts
  const options = /--max-semi-space-size=\d+/.exec(start)?.[0]
  expect(options).toBeDefined()
  expect(dev).toContain(options)
  expect(server).toContain(`exec node ${options} server/src/main.ts`)
  expect(read('Dockerfile')).toContain(`CMD ["node", "${options}", "server/src/main.ts"]`)
})
