/** Why no handle could be read. */
export type HandleProblem = 'short_link' | 'no_handle'

export type HandleReading = { readonly handle: string } | { readonly problem: HandleProblem }

const handleForm = /^[a-z0-9._]{2,24}$/
const link = /(?:https?:\/\/)?((?:[\w-]+\.)*tiktok\.com)(\/\S*)?/i

/** The handle in what somebody typed or pasted: a handle, a link to a profile, LIVE or video, or the text of a share. */
export function readHandle(entered: string): HandleReading {
  const text = entered.replace(/\p{Cf}/gu, '').trim()
  const [, host, path = ''] = link.exec(text) ?? []
  if (host === undefined) return handleOf(text.replace(/^[@＠]/u, ''))
  if (/^v[mt]\./i.test(host) || /^\/t\//i.test(path)) return { problem: 'short_link' }
  return handleOf(/^\/@([^/?#]+)/.exec(decoded(path))?.[1] ?? '')
}

function handleOf(text: string): HandleReading {
  const handle = text.toLowerCase()
  return handleForm.test(handle) ? { handle } : { problem: 'no_handle' }
}

/** Some apps copy the @ as %40. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
