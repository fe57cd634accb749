import { createClient } from 'redis'

export const redis = createClient({ url: process.env.REDIS_URL, socket: { reconnectStrategy: 200 } })

redis.on('error', (error: Error) => console.error('redis:', error.message))
void redis.connect()
