// Loads the compiled extension with stand-ins for VS Code and its language client, and looks at what it does.
const assert = require("node:assert");
const Module = require("node:module");
const path = require("node:path");

const commands = new Map();
const providers = new Map();
const started = [];
const errors = [];
let failing = false;

class Uri {
  constructor(parts) { Object.assign(this, parts); }
  static from(parts) { return new Uri(parts); }
  toString() { return `${this.scheme}:${this.path}${this.query ? `?${this.query}` : ""}`; }
}
class EventEmitter {
  constructor() { this.event = () => ({ dispose() {} }); this.fired = []; }
  fire(value) { this.fired.push(value); }
}
const shown = [];
const vscode = {
  Uri,
  EventEmitter,
  ViewColumn: { Beside: -2 },
  workspace: {
    getConfiguration: () => ({ get: (name) => (name === "path" ? "/opt/oetgen" : undefined) }),
    createFileSystemWatcher: (pattern) => ({ pattern }),
    registerTextDocumentContentProvider: (scheme, provider) => providers.set(scheme, provider),
    onDidChangeTextDocument: () => ({ dispose() {} }),
  },
  commands: { registerCommand: (name, run) => commands.set(name, run) },
  window: {
    activeTextEditor: { document: { uri: new Uri({ scheme: "file", path: "/p/templates/a.j2" }) } },
    showQuickPick: async (names) => names[1],
    showTextDocument: async (uri) => shown.push(uri),
    showInformationMessage: async () => undefined,
    showErrorMessage: async (text) => errors.push(text),
    createTerminal: (options) => ({ show: () => started.push(options) }),
  },
};
class LanguageClient {
  constructor(id, name, server, client) { Object.assign(this, { id, server: name, client: server }); }
  async start() { if (failing) throw new Error("no such file"); started.push(this.server); }
  async stop() {}
  async sendRequest(method, { environment }) {
    assert.equal(method, "oetgen/preview");
    const all = [
      { environment: "dev", path: "a.yaml", text: "a: 1\n", stale: false },
      { environment: "prod", path: "a.yaml", text: "a: 2\n", stale: true },
    ];
    return all.filter((each) => !environment || each.environment === environment);
  }
}
const load = Module._load;
Module._load = (name, ...rest) => {
  if (name === "vscode") return vscode;
  if (name === "vscode-languageclient/node") return { LanguageClient, TransportKind: { stdio: 0 } };
  return load(name, ...rest);
};

async function main() {
  const extension = require(path.resolve(process.argv[2], "out/extension.js"));
  await extension.activate({ subscriptions: [] });
  assert.deepEqual(started[0], { command: "/opt/oetgen", args: ["lsp"], transport: 0 });
  assert.deepEqual([...commands.keys()].sort(), ["oetgen.impact", "oetgen.preview"]);
  await commands.get("oetgen.preview")();
  assert.equal(shown[0].path, "/prod/a.yaml");
  const text = await providers.get("oetgen-preview").provideTextDocumentContent(shown[0]);
  assert.match(text, /last preview[^]*a: 2/);
  commands.get("oetgen.impact")("services.api");
  assert.deepEqual(started[1].shellArgs, ["impact", "services.api"]);
  await extension.deactivate();
  failing = true;
  await assert.rejects(extension.activate({ subscriptions: [] }));
  assert.match(errors[0], /pip install 'oetgen\[editor\]'/);
  const manifest = require(path.resolve(process.argv[2], "package.json"));
  for (const each of manifest.contributes.commands) assert.ok(commands.has(each.command), each.command);
  console.log("the extension starts the server, shows previews and stops");
}
main().catch((problem) => { console.error(problem); process.exit(1); });
