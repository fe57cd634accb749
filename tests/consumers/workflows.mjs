// GitHub's own parser of workflows. FOLDER is where `npm install @actions/workflow-parser` was run.
//
//     node tests/consumers/workflows.mjs FOLDER FILE...
import { readFileSync } from 'node:fs'
import { register } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

// The package imports JSON without saying so; Node 20 wants to be told.
const hook = `
export async function load(url, context, next) {
  if (!url.endsWith('.json')) return next(url, context)
  return next(url, { ...context, importAttributes: { type: 'json' } })
}`
register(`data:text/javascript,${encodeURIComponent(hook)}`)

const [folder, ...files] = process.argv.slice(2)
const main = resolve(folder, 'node_modules/@actions/workflow-parser/dist/index.js')
const { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } = await import(pathToFileURL(main))

for (const name of files) {
  const parsed = parseWorkflow({ name, content: readFileSync(name, 'utf8') }, new NoOperationTraceWriter())
  const errors = parsed.context.errors.getErrors()
  if (parsed.value) {
    const template = await convertWorkflowTemplate(parsed.context, parsed.value)
    errors.push(...(template.errors ?? []).map((error) => ({ message: error.Message })))
  }
  for (const error of new Set(errors.map(({ message }) => message))) {
    console.error(`${name}: ${error}`)
    process.exitCode = 1
  }
  console.log(`${name}: ${errors.length ? 'refused' : 'a workflow'}`)
}
