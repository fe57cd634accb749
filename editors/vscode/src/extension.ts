/** Starts `oetgen lsp` for values files, templates and generated files, and shows previews of rendered files. */

import * as vscode from "vscode";
import { LanguageClient, TransportKind } from "vscode-languageclient/node";

const SCHEME = "oetgen-preview";

interface Preview {
  environment: string;
  path: string;
  text: string;
  stale: boolean;
}

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const command = vscode.workspace.getConfiguration("oetgen").get<string>("path", "oetgen");
  client = new LanguageClient(
    "oetgen",
    { command, args: ["lsp"], transport: TransportKind.stdio },
    {
      documentSelector: [
        { scheme: "file", language: "oetgen" },
        { scheme: "file", pattern: "**/environments/*.{yaml,json}" },
        { scheme: "file", pattern: "**/oetgen.yaml" },
        { scheme: "file", pattern: "**/out/**" },
      ],
      synchronize: {
        fileEvents: [
          vscode.workspace.createFileSystemWatcher("**/environments/*"),
          vscode.workspace.createFileSystemWatcher("**/templates/**"),
          vscode.workspace.createFileSystemWatcher("**/oetgen.yaml"),
        ],
      },
    },
  );
  const previews = new Previews(client);
  context.subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, previews),
    vscode.workspace.onDidChangeTextDocument(() => previews.refresh()),
    vscode.commands.registerCommand("oetgen.preview", () => previews.show()),
    vscode.commands.registerCommand("oetgen.impact", (path: string) => impact(command, path)),
  );
  try {
    await client.start();
  } catch (problem) {
    const install = "Install it with: pip install 'oetgen[editor]', or set oetgen.path.";
    void vscode.window.showErrorMessage(`oetgen: ${command} lsp did not start. ${install}`);
    throw problem;
  }
}

export function deactivate(): Thenable<void> | undefined {
  return client?.stop();
}

/** Lists the lines that a value reaches in a terminal, as `oetgen impact` prints them. */
function impact(command: string, path: string): void {
  const terminal = vscode.window.createTerminal({ name: "oetgen impact", shellPath: command, shellArgs: ["impact", path] });
  terminal.show();
}

/** The rendered files of templates, each under `oetgen-preview:/<environment>/<path>?<template>`. */
class Previews implements vscode.TextDocumentContentProvider {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly shown = new Map<string, vscode.Uri>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly client: LanguageClient) {}

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const [environment, ...path] = uri.path.slice(1).split("/");
    const found = (await this.ask(uri.query, environment)).find((each) => each.path === path.join("/"));
    if (!found) {
      return "";
    }
    return found.stale ? `# The environment has errors: this is the last preview without.\n\n${found.text}` : found.text;
  }

  /** Asks for an environment and a file where there are several, and shows the file beside the template. */
  async show(): Promise<void> {
    const template = vscode.window.activeTextEditor?.document.uri.toString();
    const files = template ? await this.ask(template) : [];
    if (!template || files.length === 0) {
      void vscode.window.showInformationMessage("oetgen: this file renders nothing. Open a template.");
      return;
    }
    const names = files.map((each) => `${each.environment}/${each.path}`);
    const name = names.length > 1 ? await vscode.window.showQuickPick(names) : names[0];
    if (name) {
      const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}`, query: template });
      this.shown.set(uri.toString(), uri);
      await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true });
    }
  }

  /** Renews what is shown shortly after a change, when the server has rendered it. */
  refresh(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.shown.forEach((uri) => this.changed.fire(uri)), 300);
  }

  private ask(uri: string, environment = ""): Promise<Preview[]> {
    return this.client.sendRequest<Preview[]>("oetgen/preview", { uri, environment });
  }
}
