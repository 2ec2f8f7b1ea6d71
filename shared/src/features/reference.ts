import { z } from 'zod'
import { endpoint } from '../endpoint.ts'

export const getOpenApi = endpoint('GET', '/api/v1/openapi.json', {
  summary: 'Get this API as an OpenAPI 3.1 document',
  access: 'anyone',
  reply: z.looseObject({ openapi: z.string() }),
})
