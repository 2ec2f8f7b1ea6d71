// The whole server with the toy feature, in its own process to kill.
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { createLog } from '../../src/core/log.ts'
import type { FeatureDeps, FeatureEntry } from '../../src/features/entry.ts'
import { gatewayFeatures } from '../../src/features/index.ts'
import { toy } from './feature.ts'

// Safe: only the type is read-only.
const features = gatewayFeatures as FeatureEntry<FeatureDeps>[]
features.push(toy)
const app = await createApp(loadConfig(), createLog({ level: 'warn' }))
console.log(`The toy server is at ${app.url}`)
