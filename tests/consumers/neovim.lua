-- Drives `oetgen lsp` from Neovim: a mistake with its quick fix, then every other feature. Works from 0.7 on.
local folder = vim.env.PROJECT
local function fail(message)
  io.stderr:write(message .. "\n")
  vim.cmd("cquit 1")
end
local function wait(what, done)
  if not vim.wait(60000, done, 50) then fail("nothing came: " .. what) end
end

local client
local function open(path)
  vim.cmd("edit " .. folder .. "/" .. path)
  local buffer = vim.api.nvim_get_current_buf()
  client = client or vim.lsp.start_client({
    name = "oetgen",
    cmd = { vim.env.PYTHON, "-m", "tests.editor.recorder", vim.env.LOG, vim.env.OETGEN, "lsp" },
    root_dir = folder,
    init_options = { inlayHints = "prod" },
  })
  vim.lsp.buf_attach_client(buffer, client)
  local started = function()
    local found = vim.lsp.get_client_by_id(client)
    return found and found.initialized ~= false and vim.lsp.buf_is_attached(buffer, client)
  end
  wait("the server", started)
  return buffer
end

local function ask(buffer, method, parameters)
  local answers, problem = vim.lsp.buf_request_sync(buffer, method, parameters, 60000)
  if not answers or not answers[client] or answers[client].err then
    fail(method .. ": " .. vim.inspect(problem or answers))
  end
  return answers[client].result
end

-- The parameters for the place after a text of the buffer.
local function at(buffer, before)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    local _, last = line:find(before, 1, true)
    if last then
      local document = { uri = vim.uri_from_bufnr(buffer) }
      return { textDocument = document, position = { line = number - 1, character = last } }
    end
  end
  fail("no " .. before)
end
local function holds(what, found, text)
  if not vim.inspect(found):find(text, 1, true) then fail(what .. ": " .. vim.inspect(found)) end
end

local buffer = open("environments/prod.yaml")
local line = vim.fn.search("replicas: 3")
vim.api.nvim_buf_set_lines(buffer, line - 1, line, false, { "    replica: 3" })
wait("a diagnostic", function() return #vim.diagnostic.get(buffer) > 0 end)
local found = vim.diagnostic.get(buffer)[1]
if found.lnum ~= line - 1 or not found.message:find('did you mean "replicas"') then fail(vim.inspect(found)) end

local place = at(buffer, "    replica")
local range = { start = { line = line - 1, character = 4 }, ["end"] = place.position }
local asked = { textDocument = place.textDocument, range = range, context = { diagnostics = {} } }
local actions = ask(buffer, "textDocument/codeAction", asked)
vim.lsp.util.apply_workspace_edit(actions[1].edit, "utf-16")
if vim.fn.getline(line) ~= "    replicas: 3" then fail("the fix wrote " .. vim.fn.getline(line)) end
wait("the diagnostic to go", function() return #vim.diagnostic.get(buffer) == 0 end)
ask(buffer, "oetgen/settled", { uri = place.textDocument.uri })

holds("hover", ask(buffer, "textDocument/hover", at(buffer, "gree")), "Any text at all.")
holds("completion", ask(buffer, "textDocument/completion", at(buffer, "    repl")), "An image: ")
holds("definition", ask(buffer, "textDocument/definition", at(buffer, "gree")), "schema.json")
local references = at(buffer, "gree")
references.context = { includeDeclaration = true }
holds("references", ask(buffer, "textDocument/references", references), "greet.sh.j2")
holds("outline", ask(buffer, "textDocument/documentSymbol", { textDocument = place.textDocument }), "services")
local lenses = ask(buffer, "textDocument/codeLens", { textDocument = place.textDocument })
holds("lenses", ask(buffer, "codeLens/resolve", lenses[1]), "files")
local copied = { textDocument = place.textDocument, context = { diagnostics = {} } }
copied.range = { start = at(buffer, "gree").position, ["end"] = at(buffer, "gree").position }
holds("copy", ask(buffer, "codeAction/resolve", ask(buffer, "textDocument/codeAction", copied)[1]), "needsConfirmation")

local template = open("templates/scripts/greet.sh.j2")
local uri = vim.uri_from_bufnr(template)
ask(template, "oetgen/settled", { uri = uri })
local use = at(template, "{{ gree")
holds("hover in a template", ask(template, "textDocument/hover", use), "written in")
holds("completion in a template", ask(template, "textDocument/completion", use), "greeting")
holds("prepared rename", ask(template, "textDocument/prepareRename", use), "start")
use.newName = "welcome"
holds("rename", ask(template, "textDocument/rename", use), "welcome")
local whole = { start = { line = 0, character = 0 }, ["end"] = { line = 20, character = 0 } }
holds("hints", ask(template, "textDocument/inlayHint", { textDocument = { uri = uri }, range = whole }), "label")
holds("preview", ask(template, "oetgen/preview", { uri = uri, environment = "prod" }), "scripts/greet.sh")
holds("provenance", ask(template, "oetgen/provenance", { uri = uri, position = use.position }), "/out/prod/")

print("Neovim " .. tostring(vim.version().major) .. "." .. vim.version().minor .. ": every feature")
vim.lsp.stop_client(client)
wait("the end", function() return vim.lsp.client_is_stopped(client) end)
vim.cmd("qall!")
