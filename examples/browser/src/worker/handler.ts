/** What a handler gets besides its parameters. */
export interface Context<Progress = never> {
  /** Tells the page how far the work is. */
  report(progress: Progress): void;
  /** Fires when the page wants the result no more: pass it on, or look at it with `throwIfAborted`. */
  signal: AbortSignal;
}
