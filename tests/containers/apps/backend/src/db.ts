import knex from 'knex'

export const db = knex({
  client: 'pg',
  connection: process.env.DATABASE_URL,
  acquireConnectionTimeout: 1500,
  pool: { min: 0, max: 4 }
})
