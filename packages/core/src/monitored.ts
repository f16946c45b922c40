import { InvalidOptionError } from './errors.ts'
import type { ServiceMonitor } from './service-monitor.ts'

type AnyFunction = (this: never, ...args: never[]) => unknown
type Method<F extends AnyFunction> = (method: F, context: ClassMethodDecoratorContext) => F

/**
 * Triggers what is due - pings, failover, recovery - before each call of `fn`, without waiting for it. What `fn`
 * returns or throws is not touched. Without `fn` it is a decorator for methods.
 */
export function monitored(
  monitor: ServiceMonitor,
): <F extends AnyFunction>(method: F, context: ClassMethodDecoratorContext) => F
export function monitored<F extends AnyFunction>(monitor: ServiceMonitor, fn: F): F
export function monitored<F extends AnyFunction>(monitor: ServiceMonitor, fn?: F): F | Method<F> {
  return triggering(() => void monitor.pingDue(), fn)
}

/** As `monitored`, for the services that are down: for what runs rarely and must not cause monitoring by itself. */
export function recoversFromOutages(
  monitor: ServiceMonitor,
): <F extends AnyFunction>(method: F, context: ClassMethodDecoratorContext) => F
export function recoversFromOutages<F extends AnyFunction>(monitor: ServiceMonitor, fn: F): F
export function recoversFromOutages<F extends AnyFunction>(monitor: ServiceMonitor, fn?: F): F | Method<F> {
  return triggering(() => void monitor.pingOutages(), fn)
}

function triggering<F extends AnyFunction>(trigger: () => void, fn: F | undefined): F | Method<F> {
  if (fn === undefined) return (method: F) => wrap(trigger, method)
  if (typeof fn !== 'function') throw new InvalidOptionError('fn', 'a function', fn)
  return wrap(trigger, fn)
}

/** A proxy keeps name, length, `this`, and whatever else the function bears. */
function wrap<F extends AnyFunction>(trigger: () => void, fn: F): F {
  return new Proxy(fn, {
    apply(target, self, args) {
      trigger()
      return Reflect.apply(target, self, args) as unknown
    },
  })
}
