// Made by oetgen from templates/{service}/src/health.ts.j2: do not edit.
// Change the template or the values, then run: oetgen render --all
// backend/src/health.ts
import type { Request, Response } from 'express'
import { db } from './db'
import { redis } from './redis'

export const healthRoutes = {
  // Liveness probe - basic server health
  '/health': async (req: Request, res: Response) => {
    res.status(200).json({
      status: 'healthy',
      timestamp: new Date().toISOString(),
      version: process.env.APP_VERSION || '1.0.0'
    })
  },

  // Readiness probe - dependencies health
  '/ready': async (req: Request, res: Response) => {
    try {
      // Check database connection
      await db.raw('SELECT 1')

      // Check Redis connection
      await redis.ping()

      res.status(200).json({
        status: 'ready',
        timestamp: new Date().toISOString(),
        dependencies: {
          database: 'healthy',
          redis: 'healthy'
        }
      })
    } catch (error) {
      res.status(503).json({
        status: 'not ready',
        timestamp: new Date().toISOString(),
        error: error instanceof Error ? error.message : String(error)
      })
    }
  }
}
