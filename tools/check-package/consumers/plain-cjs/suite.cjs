const core = require('@failover/core')
const adapter = require('@failover/core/adapter')
const testing = require('@failover/core/testing')
const postgres = require('@failover/db-postgres')
const coreSuite = require('../suites/core.cjs')
const postgresSuite = require('../suites/db-postgres.cjs')

coreSuite('CommonJS', { core, adapter, testing })
postgresSuite('CommonJS', { core, postgres })
