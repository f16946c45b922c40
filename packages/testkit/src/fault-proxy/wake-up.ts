/** One sleeper, woken by whoever has news or by time. News that comes while nobody sleeps is not lost. */
export class WakeUp {
  #hasNews = false
  #wake: (() => void) | undefined

  ring(): void {
    this.#hasNews = true
    this.#wake?.()
  }

  async sleep(ms?: number): Promise<void> {
    if (!this.#hasNews) await this.#wait(ms)
    this.#hasNews = false
  }

  async #wait(ms: number | undefined): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      if (ms !== undefined) timer = setTimeout(resolve, Math.ceil(ms))
    })
    clearTimeout(timer)
    this.#wake = undefined
  }
}
