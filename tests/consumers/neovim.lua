-- Drives `oetgen lsp` from Neovim: a mistake, its diagnostic, a hover and a quick fix. Works from 0.7 on.
local folder = vim.env.PROJECT
local function fail(message)
  io.stderr:write(message .. "\n")
  vim.cmd("cquit 1")
end
local function wait(what, done)
  if not vim.wait(60000, done, 50) then fail("nothing came: " .. what) end
end

vim.cmd("edit " .. folder .. "/environments/prod.yaml")
local buffer = vim.api.nvim_get_current_buf()
local client = vim.lsp.start_client({
  name = "oetgen",
  cmd = { vim.env.OETGEN, "lsp" },
  root_dir = folder,
})
vim.lsp.buf_attach_client(buffer, client)
wait("the server", function() return vim.lsp.buf_get_clients(buffer)[client] ~= nil end)

local line = vim.fn.search("replicas: 3")
vim.api.nvim_buf_set_lines(buffer, line - 1, line, false, { "    replica: 3" })
wait("a diagnostic", function() return #vim.diagnostic.get(buffer) > 0 end)
local found = vim.diagnostic.get(buffer)[1]
if found.lnum ~= line - 1 or not found.message:find('did you mean "replicas"') then fail(vim.inspect(found)) end

local at = { textDocument = { uri = vim.uri_from_bufnr(buffer) }, position = { line = 1, character = 3 } }
local hover = vim.lsp.buf_request_sync(buffer, "textDocument/hover", at, 60000)[client].result
if not hover.contents.value:find("Any text at all.") then fail(vim.inspect(hover)) end

local range = { start = { line = line - 1, character = 4 }, ["end"] = { line = line - 1, character = 11 } }
local asked = { textDocument = at.textDocument, range = range, context = { diagnostics = {} } }
local actions = vim.lsp.buf_request_sync(buffer, "textDocument/codeAction", asked, 60000)[client].result
vim.lsp.util.apply_workspace_edit(actions[1].edit, "utf-16")
if vim.fn.getline(line) ~= "    replicas: 3" then fail("the fix wrote " .. vim.fn.getline(line)) end
wait("the diagnostic to go", function() return #vim.diagnostic.get(buffer) == 0 end)
print("Neovim " .. tostring(vim.version().major) .. "." .. vim.version().minor .. ": diagnostic, hover, quick fix")
vim.cmd("qall!")
