// Stands in for the application's own module.
export const redis = { ping: (): Promise<string> => Promise.resolve('PONG') }
