import { Service } from '@failover/core'

export const createMail = ({ port }) => new Service({ name: 'mail', host: '127.0.0.1', port })
