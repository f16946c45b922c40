import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact } from './redact.ts'

const CANARY = 's3cr3t'

describe('credentials in URLs', () => {
  test.each([
    ['postgres://u:p@h', 'postgres://***@h'],
    ['connect to postgres://u:p@h:5432/db?x=1 failed', 'connect to postgres://***@h:5432/db?x=1 failed'],
    ['amqp://u:p@ss@h/v', 'amqp://***@h/v'],
    ['redis://u:p/w@h:6379', 'redis://***@h:6379'],
    ['redis://:p?w#x@h', 'redis://***@h'],
    ['redis://:12 3@h', 'redis://***@h'],
    ['mysql://u:my pass@h/db down', 'mysql://***@h/db down'],
    ['https://token@h', 'https://***@h'],
    ['a://u:p@h,a://v:q@i', 'a://***@i'],
    ['u:p@h:5672 refused', '***@h:5672 refused'],
    ['url=u:p@h', 'url=***@h'],
  ])('%s', (text, shown) => {
    expect(redact(text)).toBe(shown)
  })

  test('a URL that was cut off before its @', () => {
    const text = `postgres://u:${CANARY.repeat(2_000)}@h`
    expect(redact(text)).toBe('postgres://***@')
  })

  test.each([
    'connect ECONNREFUSED 127.0.0.1:5432',
    'connect ECONNREFUSED ::1:5432',
    'http://h:8080/a?b=c answered 503, see ops@example.org',
    'http://[::1]:80/ is down',
    "Cannot find package '@failover/x' imported from file:///app/node_modules/@scope/y/z.js",
    "Access denied for user 'root'@'localhost' (using password: YES)",
    'password authentication failed for user "bob"',
    '',
  ])('%s stays as it is', (text) => {
    expect(redact(text)).toBe(text)
  })
})

describe('labelled secrets', () => {
  test.each([
    ['password=s3cr3t', 'password=***'],
    ['PGPASSWORD=s3cr3t psql', 'PGPASSWORD=*** psql'],
    ['password=s3cr3t,s3cr3t;s3cr3t&s3cr3t', 'password=***'],
    [`host=h password='s3cr3t \\'s3cr3t' port=1`, 'host=h password=*** port=1'],
    ['{"user":"u","password":"s3cr3t","port":1}', '{"user":"u","password":***,"port":1}'],
    ['{"password":"a\\"s3cr3t b"}', '{"password":***}'],
    ['{"password" : "s3cr3t and was cut off', '{"password" : ***'],
    ['{\\"apiKey\\":\\"s3cr3t s3cr3t\\"}', '{\\"apiKey\\":***}'],
    ['{"credentials":{"user":"u","pw":"s3cr3t"}}', '{"credentials":***}'],
    ["{ secretAccessKey: 's3cr3t' }", '{ secretAccessKey: *** }'],
    ['api-key: s3cr3t', 'api-key: ***'],
    ['refresh_token => s3cr3t', 'refresh_token => ***'],
    ['message: config: passphrase: s3cr3t', 'message: config: passphrase: ***'],
    ['Authorization: Bearer s3cr3t', 'Authorization: ***'],
    ['authorization: Basic s3cr3t x', 'authorization: *** x'],
    ['sent Bearer s3cr3t', 'sent Bearer ***'],
    ['Set-Cookie: s3cr3t', 'Set-Cookie: ***'],
    ['Command failed: mysqladmin --password s3cr3t ping', 'Command failed: mysqladmin --password *** ping'],
    ['--db-password=s3cr3t', '--db-password=***'],
    ["ALTER ROLE x PASSWORD 's3cr3t s3cr3t'", 'ALTER ROLE x PASSWORD ***'],
    ["CREATE USER x IDENTIFIED BY 's3cr3t'", 'CREATE USER x IDENTIFIED BY ***'],
  ])('%s', (text, shown) => {
    expect(redact(text)).toBe(shown)
  })

  test.each([
    'AUTH s3cr3t',
    'ERR AUTH default s3cr3t called without any password',
    'HELLO 3 AUTH default s3cr3t',
    '"AUTH" "default" "s3cr3t"',
    'AUTH "s3cr3t s3cr3t"',
    'CONFIG SET requirepass s3cr3t',
    "command: { name: 'auth', args: [ 'default', 's3cr3t' ] }",
    '{"command":{"name":"auth","args":["s3cr3t"]}}',
  ])('what Redis was sent: %s', (text) => {
    expect(redact(text)).not.toContain(CANARY)
  })
})

describe('what would forge or garble a log line', () => {
  test.each([
    ['line one\r\nFATAL forged', 'line one  FATAL forged'],
    ['\u001b[31;1mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007', ' ]0;title '],
    ['a\u202eb\u2066c\u200bd', 'abcd'],
    ['a\u2028b\u2029c\u0000d\u0085e', 'a b c d e'],
    ['pass\u200bword=s3\u200bcr3t', 'password=***'],
    ['\ud800 alone', '  alone'],
  ])('%j', (text, shown) => {
    expect(redact(text)).toBe(shown)
  })
})

test('at most 256 characters, no half of a character', () => {
  expect(redact('x'.repeat(256))).toHaveLength(256)
  expect(redact('x'.repeat(257))).toBe(`${'x'.repeat(255)}…`)
  expect(redact(`${'x'.repeat(254)}😀😀`)).toBe(`${'x'.repeat(254)}…`)
  expect(redact('word '.repeat(1_000_000))).toHaveLength(256)
})

test('a secret in any of its usual places never shows, whatever stands around it', () => {
  const around = fc.stringMatching(/^[\w .,:;/?#'"(){}[\]-]{0,40}$/)
  const secret = fc.stringMatching(/^[A-Za-z0-9@/+=!*-]{0,8}$/).map((extra) => `${extra}${CANARY}${extra}`)
  const place = fc.constantFrom<(secret: string) => string>(
    (text) => ` postgres://user:${text}@host:5432/db`,
    (text) => ` password=${text} `,
    (text) => ` {"password":${JSON.stringify(text)}} `,
    (text) => ` AUTH ${text} `,
  )
  fc.assert(
    fc.property(around, secret, place, around, (before, hidden, put, after) => {
      expect(redact(`${before}${put(hidden)}${after}`)).not.toContain(CANARY)
    }),
  )
})

test('what is shown may be redacted again: the marks stay', () => {
  for (const text of [
    'password=*** x',
    'a://***@h/db',
    'Authorization: ***',
    '{"password":***,"x":1}',
    'AUTH ***',
  ])
    expect(redact(text)).toBe(text)
})

test.each([
  '//',
  '//a:b ',
  'a',
  'a:',
  '"',
  '\\"',
  'password ',
  'password="',
  '[',
  ' --a',
  '\u001b[1',
  'AUTH "',
  '-',
  '@',
])('a long run of %j costs no time', (seed) => {
  const text = seed.repeat(4_096)
  const startedAt = process.cpuUsage().user
  for (let round = 0; round < 10; round += 1) redact(text)
  expect((process.cpuUsage().user - startedAt) / 10).toBeLessThan(20_000)
})
