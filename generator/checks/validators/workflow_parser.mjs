// Print the errors of GitHub's own workflow parser as JSON.
//
//     node workflow_parser.mjs FOLDER-OF-THE-PACKAGE FILE...
import { readFileSync } from 'node:fs'
import { register } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

// The package imports JSON without an import attribute, which newer versions of Node require.
const hook = `
export async function load(url, context, next) {
  if (!url.endsWith('.json')) return next(url, context)
  return next(url, { ...context, importAttributes: { type: 'json' } })
}`
register(`data:text/javascript,${encodeURIComponent(hook)}`)

const [folder, ...files] = process.argv.slice(2)
const main = pathToFileURL(resolve(folder, 'dist/index.js'))
const { NoOperationTraceWriter, convertWorkflowTemplate, parseWorkflow } = await import(main)

const results = []
for (const file of files) {
  const parsed = parseWorkflow({ name: file, content: readFileSync(file, 'utf8') }, new NoOperationTraceWriter())
  const messages = parsed.context.errors.getErrors().map(({ message }) => message)
  if (parsed.value) {
    const template = await convertWorkflowTemplate(parsed.context, parsed.value)
    messages.push(...(template.errors ?? []).map((error) => error.Message))
  }
  for (const message of new Set(messages)) results.push({ file, message })
}
console.log(JSON.stringify(results))
