/** Nothing of the library keeps a process alive, so whoever waits must. */
exports.eventOf = function eventOf(monitor, type) {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error(`no ${type} within 10 s`)), 10_000)
    monitor.on(type, (event) => {
      clearTimeout(deadline)
      resolve(event)
    })
  })
}
