import type { Action } from '@creatorflow/shared/endpoint'
import type { Component } from 'svelte'
import { type Panel, panels } from '#lib/panels.ts'
import type { Surface } from './live-context.ts'

/** A panel with what draws it. */
export interface LoadedPanel extends Panel {
  readonly component: Component
}

/** The panels of a surface that the caller may see; all at once, so that none moves another when it comes. */
export function loadPanels(
  surface: Surface,
  mayDo: readonly Action[] = ['read'],
): Promise<LoadedPanel[]> {
  const wanted = panels.filter(
    (panel: Panel) =>
      panel.sizes[surface] && (panel.needs === 'read' || mayDo.includes(panel.needs)),
  )
  return Promise.all(
    wanted.map(async (panel: Panel) => ({ ...panel, component: (await panel.load()).default })),
  )
}
