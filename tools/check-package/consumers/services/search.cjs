const { Service } = require('@failover/core')

exports.SearchService = class SearchService extends Service {
  host = '127.0.0.1'
  port = 9200
}
