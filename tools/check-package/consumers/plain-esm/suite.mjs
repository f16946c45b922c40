import * as core from '@failover/core'
import * as adapter from '@failover/core/adapter'
import * as testing from '@failover/core/testing'
import * as postgres from '@failover/db-postgres'
import coreSuite from '../suites/core.cjs'
import postgresSuite from '../suites/db-postgres.cjs'

coreSuite('ESM', { core, adapter, testing })
postgresSuite('ESM', { core, postgres })
