// Made by oetgen from templates/{service}/src/health.ts.j2: do not edit.
// Change the template or the values, then run: oetgen render --all
// backend/src/health.ts
import type { Request, Response } from 'express'
import { db } from './db'
import { redis } from './redis'

// A dependency that does not answer within this time counts as failed
const TIMEOUT_MS = 2000

async function inTime(work: PromiseLike<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${TIMEOUT_MS} ms`)), TIMEOUT_MS)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

export const healthRoutes = {
  // Liveness probe - basic server health
  '/health': async (_req: Request, res: Response) => {
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
      await inTime(db.raw('SELECT 1'))

      // Check Redis connection
      await inTime(redis.ping())

      res.status(200).json({
        status: 'ready',
        timestamp: new Date().toISOString(),
        dependencies: {
          database: 'healthy',
          redis: 'healthy'
        }
      })
    } catch (error) {
      // Log the reason, but do not send it to the client
      console.error(`${req.path}:`, error)
      res.status(503).json({
        status: 'not ready',
        timestamp: new Date().toISOString(),
        error: 'a dependency does not answer'
      })
    }
  }
}
