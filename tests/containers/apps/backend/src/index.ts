import express from 'express'
import { healthRoutes } from './health'

const app = express()
for (const [path, route] of Object.entries(healthRoutes)) app.get(path, route)

const server = app.listen(Number(process.env.PORT), '0.0.0.0', () => console.log('listening'))
process.on('SIGTERM', () => server.close(() => process.exit(0)))
