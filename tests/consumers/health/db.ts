// Stands in for the application's own module.
export const db = { raw: (_sql: string): Promise<unknown> => db.answer(), answer: (): Promise<unknown> => Promise.resolve() }
