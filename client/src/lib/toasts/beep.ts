let context: AudioContext | undefined

/** One short, soft tone. A browser without user interaction stays silent. */
export function beep(): void {
  context ??= new AudioContext()
  void context.resume()
  const tone = context.createOscillator()
  const volume = context.createGain()
  const start = context.currentTime
  tone.frequency.value = 660
  volume.gain.setValueAtTime(0.0001, start)
  volume.gain.exponentialRampToValueAtTime(0.12, start + 0.02)
  volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.35)
  tone.connect(volume).connect(context.destination)
  tone.start(start)
  tone.stop(start + 0.4)
}
