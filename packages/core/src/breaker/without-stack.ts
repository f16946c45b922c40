/** Makes an error whose stack nobody needs. Where `Error` is frozen the stack is taken all the same. */
export function withoutStack<T>(make: () => T): T {
  const limit = Error.stackTraceLimit
  try {
    Error.stackTraceLimit = 0
  } catch {
    return make()
  }
  try {
    return make()
  } finally {
    Error.stackTraceLimit = limit
  }
}
