// Creates a table, once.
const knex = require('knex')({ client: 'pg', connection: process.env.DATABASE_URL })

knex.schema
  .hasTable('notes')
  .then((known) => known || knex.schema.createTable('notes', (table) => void table.increments()))
  .finally(() => knex.destroy())
  .catch((error) => {
    console.error(error)
    process.exitCode = 1
  })
