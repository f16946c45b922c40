exports.core = require('@failover/core')
exports.postgres = require('@failover/db-postgres')
