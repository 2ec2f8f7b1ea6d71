import type { Failure, Result } from '@creatorflow/shared/errors'
import { m } from '#messages'
import type { Request } from './request.ts'

/** Calls one endpoint of the same origin; an unreachable server is a failure like any other. */
export async function call<R>({ method, path, body }: Request<R>): Promise<Result<R>> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      headers: {
        accept: 'application/json',
        // Sent without a body too: the server takes it as proof of our own page.
        ...(method !== 'GET' && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  } catch {
    return failed('unavailable', m.app_cant_reach_server())
  }
  const text = await response.text()
  const parsed = parse(text)
  if (response.ok) return { ok: true, value: parsed as R }
  const { error } = (parsed ?? {}) as { error?: Failure }
  return error
    ? { ok: false, error }
    : failed('unavailable', m.app_server_returned_error_status({ status: response.status }))
}

function failed(code: Failure['code'], message: string): Result<never> {
  return { ok: false, error: { code, message } }
}

/** Undefined if it is not JSON: a proxy in between may answer in HTML. */
function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
