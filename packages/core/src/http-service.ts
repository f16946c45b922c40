import { InvalidOptionError } from './errors.ts'
import { callable, text } from './options/validate.ts'
import { httpPing } from './ping/http-ping.ts'
import { Service, type PingContext, type ServiceOptions } from './service.ts'

export interface HttpServiceOptions extends Omit<ServiceOptions, 'host' | 'port' | 'path' | 'ping'> {
  /** What is asked: an absolute http or https URL. Redirects are not followed. */
  url: string | URL
  /** Whether the answer means that the service is up. Default: a status from 200 to 299. */
  isHealthy?: (response: Response) => boolean | Promise<boolean>
}

/** A service that is up when a URL answers well. The ping makes its own connection; the body is capped at 64 KiB. */
export class HttpService extends Service {
  readonly #url: URL
  readonly #isHealthy: (response: Response) => boolean | Promise<boolean>

  /** @throws InvalidOptionError if an option is out of range */
  constructor({ url, isHealthy, ...options }: HttpServiceOptions) {
    super(options)
    this.#url = parseUrl(url)
    this.#isHealthy =
      isHealthy === undefined ? ({ ok }) => ok : (callable('isHealthy', isHealthy) as typeof isHealthy)
  }

  override ping({ signal }: PingContext): Promise<void> {
    return httpPing({ url: this.#url, isHealthy: this.#isHealthy }, { signal })
  }
}

/** What is refused is not shown: it may hold a password. */
function parseUrl(url: string | URL): URL {
  const given = url instanceof URL ? url.href : text('url', url)
  const parsed = URL.canParse(given) ? new URL(given) : undefined
  if (parsed !== undefined && /^https?:$/.test(parsed.protocol)) return parsed
  throw new InvalidOptionError('url', 'an absolute http or https URL', parsed?.protocol)
}
