/* node_modules stands beside this file: what is imported here is another installation. */
export * as core from '@failover/core'
export * as postgres from '@failover/db-postgres'
