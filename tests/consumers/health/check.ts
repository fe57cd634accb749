// Asks src/health.ts what it answers when everything is well, when the database fails, and when it never answers.
import assert from 'node:assert/strict'
import type { Request, Response } from 'express'
import { db } from './db'
import { healthRoutes } from './health'

const logged: unknown[][] = []
console.error = (...words: unknown[]) => void logged.push(words)

async function ask(path: keyof typeof healthRoutes): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = { status: 0, body: {} as Record<string, unknown> }
  const response = {
    status(code: number) {
      answer.status = code
      return response
    },
    json(body: Record<string, unknown>) {
      answer.body = body
      return response
    }
  }
  await healthRoutes[path]({ path } as Request, response as unknown as Response)
  return answer
}

async function main(): Promise<void> {
  assert.equal((await ask('/health')).status, 200)
  assert.equal((await ask('/ready')).status, 200)

  db.answer = () => Promise.reject(new Error('password of user postgres'))
  const failed = await ask('/ready')
  assert.equal(failed.status, 503)
  assert.doesNotMatch(JSON.stringify(failed.body), /password/)
  assert.match(String(logged[0]?.[1]), /password/)

  db.answer = () => new Promise(() => undefined)
  const start = Date.now()
  assert.equal((await ask('/ready')).status, 503)
  const waited = Date.now() - start
  assert.ok(waited >= 1900 && waited < 4000, `waited ${waited} ms`)

  assert.equal((await ask('/health')).status, 200)
}

// Ends in 0 only when all of it was done, and no timer kept the process alive afterwards.
process.exitCode = 1
void main().then(() => {
  const done = Date.now()
  process.exitCode = 0
  process.on('exit', () => assert.ok(Date.now() - done < 1000, 'a timer is left'))
})
