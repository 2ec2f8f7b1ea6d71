/** A program that follows one creator by socket, as the API reference shows it. */
export function socketSample(origin: string, needsKey: boolean): string {
  const auth = needsKey ? ', { auth: { token: process.env.CREATORFLOW_KEY } }' : ''
  return `import { io } from 'socket.io-client'

const socket = io('${origin}/live'${auth})

socket.on('connect_error', (error) => console.error(error.message))
socket.on('connect', async () => {
  const watched = await socket.emitWithAck('watch', { creator_id: 'mia' })
  if (!watched.ok) throw new Error(watched.error.message)
  console.log('watching from', watched.value.seq)
})
socket.on('update', ({ from, to, changes }) => {
  console.log(\`events \${from} to \${to}\`, JSON.stringify(changes))
})`
}
