/** The two applications, by the pool that they read through. */
export type AppName = 'plain' | 'failover'
export const APP_NAMES: readonly AppName[] = ['plain', 'failover']
export const APP_TITLES: Readonly<Record<AppName, string>> = {
  plain: 'plain pg.Pool',
  failover: 'failover pool',
}

/** What an application tells the demo; times are of the wall clock, which all processes of a machine share. */
export type AppMessage =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'switched'; readonly from: string; readonly to: string; readonly at: number }
  | {
      readonly type: 'ping-failed'
      readonly error: string
      readonly isInconclusive: boolean
      readonly at: number
    }
