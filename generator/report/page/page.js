"use strict";
(async () => {
  const main = document.getElementById("main");
  if (!window.DecompressionStream) { main.textContent = "This browser cannot show the page: use one that is made after May 2023."; return; }
  const packed = Uint8Array.from(atob(document.getElementById("data").textContent), (each) => each.charCodeAt(0)); // json, deflate, base64
  const data = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
  for (const origin of data.origins) while (origin.length < 5) origin.push([]); // empty ends are left out
  const environments = new Map(data.environments.map((each) => [each.name, each]));
  const names = [...environments.keys()];
  for (const each of data.environments) for (const file of each.files) Object.assign(file, file.reason ? { text: "", marks: "", lines: [], absent: [], decides: [] } : { ...data.files[file.is], ...data.maps[file.made] });
  const named = (numbers) => numbers.map((number) => data.paths[number]);
  const lines = data.templates.map((each) => each[1].split("\n"));
  const source = (template, line) => (lines[template][line - 1] || "").trim();
  const templates = new Map(data.templates.map(([path, text]) => [path, text]));
  const state = { env: names[0], section: "system", rest: "", line: 0, closed: 0, value: "", only: "", gone: "" };
  const reason = document.getElementById("reason");
  const MOST = 40; // results of a search of each kind

  // All content is created here, as text, never as markup.
  function el(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "on") for (const [event, act] of Object.entries(value)) made.addEventListener(event, act);
      else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== ""));
    return made;
  }
  // A path may break after a dot or an underscore.
  const breakable = (path) => path.split(/(?<=[._])/).flatMap((part, number) => (number ? [el("wbr"), part] : [part]));
  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
  const counted = (count, word) => (count > 1 && word.endsWith("y") ? `${count} ${word.slice(0, -1)}ies` : plural(count, word));
  // Columns count characters; JavaScript counts a character beyond U+FFFF as two.
  const characters = (text) => (/[\ud800-\udfff]/.test(text) ? Array.from(text) : text);
  const slice = (text, from, to) => (typeof text === "string" ? text.slice(from, to) : text.slice(from, to).join(""));

  const env = () => environments.get(state.env);
  const fileOf = (path, of = env()) => of.files.find((each) => each.path === path);
  function expand(ranges) {
    const found = new Set();
    for (const run of ranges ? ranges.split(",") : []) {
      const [start, end] = run.split("-").map(Number);
      for (let number = start; number <= (end || start); number += 1) found.add(number);
    }
    return found;
  }
  function lights(path) {
    const index = env().files.findIndex((each) => each.path === path);
    const found = (env().reach[state.value] || []).find((each) => each[0] === index);
    const roles = new Map();
    if (!found) return roles;
    for (const [part, role] of [[4, "before"], [3, "if"], [2, "key"], [1, "in"]]) {
      for (const number of expand(found[part])) roles.set(number, role);
    }
    return roles;
  }

  const link = (...parts) => `#/${parts.map((part) => encodeURIComponent(part)).join("/")}`;
  const toFile = (path, line, of = state.env) => (line ? link(of, "file", path, line) : link(of, "file", path));
  const toValue = (path, of = state.env) => link(of, "value", path);
  const toSource = (path, line) => link(state.env, "source", path, String(line));
  function place(at) {
    if (!at) return "";
    const text = `${at.path}:${at.line}`;
    for (const [name, each] of environments) {
      const path = at.path.slice(each.folder.length + 1);
      if (at.path.startsWith(`${each.folder}/`) && fileOf(path, each)) return el("a", { href: toFile(path, at.line, name) }, text);
    }
    return sourced(at.path) === undefined ? el("code", {}, text) : el("a", { href: toSource(at.path, at.line) }, text);
  }
  const sourced = (path) => templates.get(path) ?? data.sources[path];
  // A place in a table of values: without the folder that all of them are in.
  const short = (path, line) => el("a", { href: toSource(path, line) }, `${path.startsWith(`${data.folders.environments}/`) ? path.slice(data.folders.environments.length + 1) : path}:${line}`);
  const at = (path, line) => place({ path, line });
  const coded = (code) => (data.codes[code] ? el("a", { class: "dim", href: link(state.env, "code", code) }, code) : el("code", { class: "dim" }, code));
  // Addresses in a text become links.
  const linked = (text) => text.split(/(https:\/\/[^\s,()]+)/).map((part, number) => (number % 2 ? el("a", { href: part, rel: "noreferrer" }, part) : part));

  // Sections

  function system() {
    const drawing = document.querySelector(`[data-drawing="${CSS.escape(state.env)}"]`);
    const shown = drawing ? drawing.cloneNode(true) : el("p", {}, unknown());
    shown.hidden = false;
    // The box under the pointer, or with the focus, lights up its own lines.
    const light = (event) => {
      const box = event.type === "mouseout" || event.type === "focusout" ? null : event.target.closest(".item, a")?.querySelector("rect")?.closest(".item");
      shown.querySelector("svg").classList.toggle("lit", Boolean(box));
      for (const each of shown.querySelectorAll(".link")) each.classList.toggle("on", Boolean(box) && each.dataset.ends.split(" ").includes(box.dataset.item));
    };
    if (drawing) for (const kind of ["mouseover", "mouseout", "focusin", "focusout"]) shown.addEventListener(kind, light);
    return [el("h2", {}, `The system of ${state.env}`), el("p", {}, "The system that its files describe. A box is a link to the line that describes it; point at it to see its own lines. The lists below the drawing name what each part uses, and what uses it."),
      drawing ? el("p", { class: "sideways dim" }, "The drawing is wider than the screen: scroll it sideways.") : "", shown, ...parts()];
  }
  function hint() {
    for (const each of main.querySelectorAll(".sideways")) each.hidden = each.nextElementSibling.scrollWidth <= each.nextElementSibling.clientWidth;
  }
  window.addEventListener("resize", hint);
  // What is drawn, as lists, and what one box stands for; the address of such a box opens its list.
  function parts() {
    const all = env().parts;
    const users = all.map(() => []);
    for (const each of all) for (const number of each.uses) users[number].push(each);
    const linked = (word, found) => (found.length ? [`${word}: ${found.map((each) => (each.is === "internet" ? each.kind : `${each.kind} ${each.name}`)).join(", ")}`] : []);
    const ends = (each) => [...linked("uses", each.uses.map((number) => all[number])), ...linked("used by", users[all.indexOf(each)])].join("; ");
    return several(env().parts.filter((each) => each.is !== "internet"), (each) => each.is).map(([kind, found]) => el("details", { class: "part", id: `parts-${kind}`, open: state.rest === kind }, el("summary", {}, counted(found.length, found[0].kind)),
      el("ul", { class: "plain" }, found.map((each) => el("li", {}, el("strong", {}, each.name), each.lines.length ? ` ${each.lines.join(" · ")} ` : " ", each.at ? at(...each.at) : "", el("span", { class: "origin ends" }, ends(each)))))));
  }

  const TITLES = { refused: "Refused", error: "Errors", warning: "Warnings", info: "Information", accepted: "Accepted warnings" };
  function finding(each) {
    const cause = each.rows.find((row) => row.value && (row.label === "set" || row.label === "if"));
    return el("li", { class: `finding ${each.severity}` },
      cause ? el("p", {}, el("a", { class: "cause", href: toValue(cause.value) }, breakable(cause.value))) : "",
      el("p", {}, el("span", { class: "badge" }, each.severity), " ", el("strong", {}, each.awaits ? `once ${each.awaits} accepts it: ` : "", each.message), " ", coded(each.code)),
      each.at ? el("p", {}, place(each.at)) : "",
      each.at && each.at.text && !each.rows.some((row) => row.label === "set") ? el("pre", { tabindex: "0" }, each.at.text) : "",
      el("dl", { class: "places" }, each.rows.filter((row) => row.label !== "used").map((row) => [el("dt", {}, row.label), el("dd", {}, place(row.at), row.in ? ` (in ${row.in}) ` : " ", row.label === "set" && row.value ? el("a", { class: "plainly", href: toValue(row.value) }, row.text) : linked(row.text))])));
  }

  // Groups with a heading and a count, and a button for each kind that hides the others.
  function grouped(found, kinds, make) {
    const box = el("div", {});
    const shown = kinds.filter((kind) => found.some((each) => each.kind === kind));
    let wanted = shown.includes(state.only) ? state.only : "";
    state.only = "";
    const fill = () => box.replaceChildren(...shown.filter((kind) => !wanted || kind === wanted).map((kind) => make(kind, found.filter((each) => each.kind === kind))));
    const buttons = shown.map((kind) => el("button", { type: "button", "aria-pressed": String(kind === wanted), on: { click: (event) => {
      wanted = wanted === kind ? "" : kind;
      for (const each of event.currentTarget.parentNode.children) each.setAttribute("aria-pressed", String(Boolean(wanted) && each === event.currentTarget));
      fill();
    } } }, `${kind} ${objects(found.filter((each) => each.kind === kind)).length}`));
    fill();
    return [shown.length > 1 ? el("div", { class: "filters", role: "group", "aria-label": "Show only" }, buttons) : "", box];
  }
  const several = (found, key) => {
    const groups = new Map();
    for (const each of found) groups.set(key(each), [...(groups.get(key(each)) || []), each]);
    return [...groups];
  };
  // An object counts once, and what is found about it stands together.
  const objects = (found) => several(found, (each) => each.subject || each.refused || each).map(([, members]) => members);
  const together = (members) => (members.length < 2 ? finding(members[0])
    : el("li", {}, el("p", {}, el("strong", {}, members[0].subject || members[0].refused), `: ${plural(members.length, "finding")}`), el("ul", { class: "plain" }, members.map(finding))));
  // Objects with equal codes are one group, which is closed when it is long.
  const messages = (groups) => [...new Set(groups.map(([first]) => first.message))];
  const summary = ([first, ...others]) => (others.length < 3 ? [first, ...others].join("; ") : `${first}, and ${others.length} others`);
  const byRule = (found) => several(objects(found), ([first]) => first.code).map(([code, groups]) => (groups.length < 4
    ? el("ul", { class: "plain" }, groups.map(together))
    : el("details", {}, el("summary", {}, `${groups.length} × `, el("strong", {}, code), `: ${summary(messages(groups))}`), el("ul", { class: "plain" }, groups.map(together)))));

  const isAccepted = (each) => each.rows.some((row) => row.label === "accepted");
  function findings() {
    const found = env().findings.map((each) => ({ ...each, kind: isAccepted(each) ? "accepted" : each.refused ? "refused" : each.severity }));
    const facts = env().files.length ? `${plural(env().rules, "rule")} applied to ${plural(env().files.length, "file")} of ${state.env}` : `${state.env} is not rendered while it has errors`;
    return [el("h2", {}, `Findings in ${state.env}`), el("p", { class: "dim" }, found.length ? `${facts}; the worst first.` : `No problems found: ${facts}.`),
      grouped(found, Object.keys(TITLES), (kind, members) => el("section", {}, el("h3", {}, TITLES[kind]),
        kind === "refused" ? el("p", { class: "dim" }, "Who refuses it: ", el("a", { href: link(state.env, "changes") }, "changes"), ".") : "", byRule(members))), skipped()];
  }

  // What the values files suppress, with the reasons; the tools of `oetgen check` have findings that the page does not.
  function skipped() {
    const items = env().skipped.map((each) => el("li", {}, coded(each.code), each.files.length ? [" in ", el("code", {}, each.files.join(", "))] : "", ": ", `${each.reason} `, el("span", { class: "origin" }, place(each.at))));
    return items.length ? el("section", {}, el("h3", {}, "Skipped rules"), el("ul", { class: "plain" }, items)) : "";
  }

  const painted = (lines) => el("pre", { tabindex: "0" }, lines.map((parts) => [...parts.map((part) => (typeof part === "string" ? part : el("span", { class: `paint-${part[0]}` }, part[1]))), "\n"]));

  const unknown = () => [`Unknown while ${state.env} has errors: `, el("a", { href: link(state.env, "findings") }, "findings"), "."];
  function changes() {
    if (!env().against) return [el("h2", {}, "Effects of applying it"), el("p", {}, env().files.length ? `There is no committed ${env().folder} to compare with: commit the files, and make the report again.` : unknown())];
    const found = env().hazards.map((each) => ({ ...each, kind: each.effect }));
    const effects = [...new Set(found.map((each) => each.kind))];
    const title = el("h2", {}, `Effects of applying ${state.env}, compared with ${env().against}`);
    if (!found.length && env().changes.length < 2) return [title, el("p", {}, `Nothing changes: the ${plural(env().files.length, "file")} of ${state.env} are the same in ${env().against}.`)];
    return [title, el("h3", {}, "Hazards"), found.length ? grouped(found, effects, (kind, members) => el("section", {}, el("h4", {}, kind), byRule(members))) : el("p", {}, "No known hazards."),
      el("h3", {}, "Changes"), painted(env().changes)];
  }

  // The two environments that Differences compares, in the order of the page: the one that is shown, and the chosen one.
  const MANY = "Only the first environment is compared with each other one: for two others, make a page of these alone.";
  function pair() {
    const chosen = names.includes(state.rest) && state.rest !== state.env ? state.rest : names.find((name) => name !== state.env);
    return names.filter((name) => name === state.env || name === chosen);
  }
  function differences() {
    const [old, now] = pair();
    const buttons = names.filter((name) => name !== state.env).map((name) => el("button", { type: "button", id: `with-${name}`, "aria-pressed": String(name === old || name === now), on: { click: () => go(link(state.env, "differences", name)) } }, name));
    const rows = tabled().filter((row) => row.found.get(old)?.value !== row.found.get(now)?.value);
    const table = el("div", {}), list = el("div", {}), count = el("h3", {});
    const found = data.comparisons.find((each) => each.old === old && each.new === now)?.files;
    const only = (each) => (each.new && each.old ? "" : ` only in ${each.new ? now : old}`);
    const links = (each) => [each.new ? el("a", { href: toFile(each.new, 0, now) }, each.new) : "", each.old && each.old !== each.new ? [each.new ? " instead of " : "", el("a", { href: toFile(each.old, 0, old) }, each.old)] : "", only(each)];
    const missing = [old, now].filter((name) => !environments.get(name).files.length);
    const files = !found ? el("p", {}, MANY) : missing.length ? el("p", {}, `Unknown while ${missing.join(" and ")} has errors.`)
      : !found.length ? el("p", {}, `The files of ${old} and ${now} mean the same.`)
        : [el("p", { class: "dim" }, `${plural(found.length, "file")} whose meaning differs; red is ${old}, green is ${now}.`), list];
    const byName = (found || []).map((each) => [each.new || each.old, each]).sort(([one], [other]) => (one < other ? -1 : 1));
    const field = filter((words) => {
      const shown = rows.filter((row) => holds(textOf(row, [old, now]), words));
      count.textContent = `Values that differ: ${words.length ? `${shown.length} of ` : ""}${rows.length}`;
      table.replaceChildren(shown.length ? valueTable(shown, [old, now]) : el("p", {}, rows.length ? "No value that differs has all of these words." : `All ${tabled().length} values are the same in ${old} and ${now}.`));
      const files = byName.filter(([name, each]) => holds([name, ...each.lines.flat(2)].join(" ").toLowerCase(), words));
      list.replaceChildren(...(files.length ? files : [[]]).map(([, each]) => (each ? el("details", {}, el("summary", {}, each.new || each.old, only(each)), el("p", {}, links(each)), painted(each.lines)) : el("p", {}, "No file that differs has all of these words."))));
    });
    return [el("h2", {}, `How ${old} and ${now} differ`), el("div", { class: "filters", role: "group", "aria-label": `Compare ${state.env} with` }, el("span", {}, `Compare ${state.env} with`), buttons),
      field, count, table, el("h3", {}, `Files: ${old} → ${now}`), files];
  }

  // One row for each value: what each environment has, whether they differ, and which of them is the odd one out.
  let rowsOfAll;
  let chosen = ""; // which values the table of Values shows
  function tabled() {
    if (rowsOfAll) return rowsOfAll;
    const all = new Map();
    const shown = new Set([...environments.values()].flatMap((each) => each.rows));
    for (const [name, each] of environments) for (const value of each.values) {
      if (!value.set.length || !shown.has(value.path) || each.removed.some(([key]) => key === value.path)) continue;
      if (!all.has(value.path)) all.set(value.path, new Map());
      all.get(value.path).set(name, value);
    }
    rowsOfAll = [...all].sort(([one], [other]) => (one < other ? -1 : 1)).map(([path, found]) => {
      const counts = new Map();
      for (const name of names) counts.set(found.get(name)?.value, (counts.get(found.get(name)?.value) || 0) + 1);
      const most = [...counts].sort((one, other) => other[1] - one[1])[0];
      const odd = names.filter((name) => names.length > 2 && most[1] > names.length / 2 && found.get(name)?.value !== most[0]);
      // Where each environment takes it from, the settings that it replaces included.
      const origins = new Set(names.map((name) => JSON.stringify(found.get(name)?.set.map((each) => each.slice(1)))));
      const files = new Set(found.get(names[0])?.set.map((each) => each[1])); // defaults of a file may stand in it, too
      return { path, found, differs: counts.size > 1, odd, isDefault: origins.size === 1 && files.size === 1 };
    });
    return rowsOfAll;
  }
  function valueTable(rows, shown = names) {
    const redundant = new Set(env().redundant);
    const cell = (row, name) => {
      const value = row.found.get(name);
      const odd = shown.length > 2 && row.odd.includes(name) ? el("span", { class: "odd" }, "≠", el("span", { class: "hidden" }, " differs from the others ")) : "";
      if (!value) return el("td", {}, odd, " ", missing(row.path, name));
      const [first, ...others] = value.set;
      return el("td", {}, odd, " ", el("code", {}, value.value || "{…}"),
        el("span", { class: "origin" }, short(first[1], first[2]), others.map((each) => [` over ${each[0]} in `, short(each[1], each[2])])));
    };
    const head = el("tr", {}, el("th", { scope: "col" }, "Value"), shown.map((name) => el("th", { scope: "col", "aria-current": name === state.env ? "true" : false }, name)));
    const body = rows.map((row) => el("tr", { class: `${row.differs ? "differs" : "same"}${isChosen(row.path) ? " current" : ""}` },
      el("th", { scope: "row" }, el("a", { href: toValue(row.path) }, breakable(row.path)), redundant.has(row.path) ? el("span", { class: "badge" }, "redundant") : ""), shown.map((name) => cell(row, name))));
    return el("div", { class: "wide", tabindex: "0", role: "group", "aria-label": "values, scrolls" }, el("table", { class: shown.length > 4 ? "many" : "" }, el("thead", {}, head), el("tbody", {}, body)));
  }
  const isChosen = (path) => state.value !== "" && (path === state.value || path.startsWith(`${state.value}.`) || path.startsWith(`${state.value}[`));
  // All words of a search are in a text, in any order.
  const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (text, words) => words.every((word) => text.includes(word));
  const textOf = (row, shown) => [row.path, ...shown.map((name) => row.found.get(name)?.value ?? "not set")].join(" ").toLowerCase();
  // A field whose words choose what `fill` shows; it is kept while the view stays.
  const filters = new Map();
  function filter(fill) {
    const name = `${state.section}/${state.rest}`;
    const field = el("input", { type: "search", id: "filter", autocomplete: "off", spellcheck: "false", value: filters.get(name) || "", on: { input: () => { filters.set(name, field.value); fill(wordsOf(field.value)); } } });
    fill(wordsOf(field.value));
    return el("p", { class: "filters" }, el("label", { for: "filter" }, "Filter"), " ", field);
  }
  function values() {
    const rows = tabled();
    const redundant = new Set([...environments.values()].flatMap((each) => each.redundant));
    const kinds = [["differ", "that differ", (row) => row.differs], ["default", names.length > 1 ? "that no environment overrides" : "set once", (row) => row.isDefault],
      ["redundant", "set again to what they are", (row) => redundant.has(row.path)], ["all", "all", () => true]].map(([id, text, holdsFor]) => [id, text, rows.filter(holdsFor)]).filter(([id, , those]) => those.length || id === "all");
    const holder = el("div", {}), group = el("div", { class: "filters", role: "group", "aria-label": "Values that are shown" });
    let wanted = [];
    const fill = (words) => {
      wanted = words;
      const [id, , those] = kinds.find(([each]) => each === chosen) || kinds[0];
      const from = id === kinds[0][0] && words.length ? rows : those;
      const found = rows.filter((row) => (from.includes(row) || isChosen(row.path)) && holds(textOf(row, names), words));
      group.replaceChildren(el("span", {}, "Show those"), ...kinds.map(([each, text, all]) => el("button", { type: "button", id: `values-${each}`, "aria-pressed": String(each === id), on: { click: () => { chosen = each; fill(wanted); document.getElementById(`values-${each}`).focus(); } } }, `${text} ${all.length}`)));
      holder.replaceChildren(found.length ? valueTable(found) : el("p", { role: "status" }, "No value has all of these words."));
    };
    const field = filter(fill);
    return [el("h2", {}, "Values and where they are set"), group, field, holder];
  }

  function code() {
    const [what, why] = data.codes[state.rest] || ["This code does not occur on this page.", ""];
    const found = env().findings.concat(env().hazards).filter((each) => each.code === state.rest);
    const paragraphs = (text) => text.split("\n\n").map((each) => el("p", { class: "prose" }, linked(each)));
    return [el("h2", {}, state.rest), paragraphs(what), why ? [el("h3", {}, "Why"), paragraphs(why)] : "", el("h3", {}, `In ${state.env}: ${objects(found).length}`), el("ul", { class: "plain" }, objects(found).map(together))];
  }

  function sourceFile() {
    const text = sourced(state.rest);
    if (text === undefined) return [el("h2", {}, state.rest), el("p", {}, "The page does not contain this file.")];
    const rows = text.split("\n").slice(0, text.endsWith("\n") ? -1 : undefined).map((line, index) => el("div", { class: `row${index + 1 === state.line ? " current" : ""}`, "data-line": index + 1 },
      el("a", { class: "number", href: toSource(state.rest, index + 1), "aria-current": index + 1 === state.line ? "true" : false }, String(index + 1)), el("code", {}, line)));
    return [el("h2", { class: "path" }, state.rest), el("div", { class: "code", role: "group", tabindex: "0", "aria-label": state.rest }, rows)];
  }

  function costs() {
    const heads = ["Resource", "Name", "Size, and how it is billed"];
    const rows = env().costs.map((each) => el("tr", {}, el("th", { scope: "row" }, each.what), el("td", {}, el("code", {}, each.name), " ", el("span", { class: "origin" }, place(each.at))), el("td", {}, each.size ? `${each.size}, ` : "", el("span", { class: "dim" }, each.billed))));
    const open = Object.entries(env().unjudged).map(([type, number]) => `${type} (${number})`);
    return [el("h2", {}, `What costs money in ${state.env}`), el("p", {}, "As long as it exists; the prices are those of the provider. Data that leaves a zone or a region is often billed too."),
      rows.length ? el("div", { class: "wide", tabindex: "0", role: "group", "aria-label": "costs, scrolls" }, el("table", {}, el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, rows))) : el("p", {}, env().files.length ? "Nothing that is known to be billed." : unknown()),
      open.length ? el("p", {}, `Not known: ${open.join(", ")}.`) : ""];
  }

  function coverage() {
    const found = data.coverage;
    const title = el("h2", {}, "Unused branches, templates and values");
    if (!found) return [title, el("p", {}, "Unknown while an environment has errors.")];
    const section = (heading, items, none) => [el("h3", {}, heading), items.length ? el("ul", {}, items) : el("p", {}, none)];
    return [title, el("p", {}, `The templates have ${plural(found.branches, "branch").replace("branchs", "branches")}; no environment of the project renders ${found.untaken.length} of them.`),
      section("Branches that no environment renders", found.untaken.map(([text, at]) => el("li", {}, `${text}: `, place(at), " ", el("code", { class: "quote" }, at.text))), "None."),
      section("Templates that generate no file", found.silent.map((name) => el("li", {}, el("code", {}, name))), "None."),
      section("Values that only one environment sets", found.lonely.map(([path, name, at]) => el("li", {}, `${path}, in ${name}: `, place(at))), "None.")];
  }

  function file() {
    const found = fileOf(state.rest);
    if (!found) return [el("h2", {}, state.rest), el("p", {}, `${state.env} has no such file.`)];
    const roles = state.value ? lights(found.path) : new Map();
    const others = names.filter((name) => name !== state.env && fileOf(found.path, environments.get(name)));
    const head = [el("h2", { class: "path" }, found.path), el("p", { class: "dim" }, `generated by `, at(`${data.folders.templates}/${found.template}`, 1)),
      others.length ? el("p", {}, "The same file in ", others.map((name, number) => [number ? ", " : "", el("a", { href: toFile(found.path, 0, name) }, name)])) : ""];
    if (found.reason) return [...head, el("p", {}, `Template only: the origin of each line is unknown: ${found.reason}.`)];
    const texts = found.text.split("\n").slice(0, -1);
    const marks = found.marks.match(/\d+|[a-z]/g) || []; // 4n2p: four characters of the kind n, two of p
    let run = 0, left = Number(marks[0] || 0);
    const stop = state.line || state.closed || Math.min(...roles.keys(), Infinity); // where Tab leads
    const rows = texts.map((text, index) => {
      const all = characters(text);
      const kinds = new Array(all.length).fill("p");
      for (let column = 0; column <= all.length; column += 1) { // the last one is the line's end
        while (!left && run < marks.length) { run += 2; left = Number(marks[run] || 0); }
        if (column < all.length) kinds[column] = marks[run + 1] || "p";
        left -= 1;
      }
      return row(found, index + 1, all, kinds, roles.get(index + 1), index + 1 === (stop <= texts.length ? stop : 1));
    });
    const code = el("div", { class: "code", role: "group", "aria-label": found.path, "aria-describedby": "keys", on: { click: clicked, keydown: moved } }, rows);
    const lit = state.value ? el("p", { class: "lit" }, `${state.value} affects ${plural(roles.size, "line")} here: ● contains it, ○ its name, ? depends on it. `, el("a", { href: toFile(found.path, state.line), on: { click: () => { state.value = ""; } } }, "clear")) : "";
    const keys = el("p", { class: "dim", id: "keys" }, "Click a line, or a value in it, to see where it comes from; with the keyboard, arrow keys move, Enter selects and Escape closes.");
    return [...head, keys, lit, code];
  }

  function row(found, number, all, kinds, role, isStop) {
    const parts = found.lines[number - 1];
    const spans = [];
    for (let at = 0; at < parts.length; at += 3) {
      const origin = data.origins[parts[at + 2]];
      const holds = origin[1].length || origin[2].length;
      let start = parts[at];
      while (start < parts[at + 1]) {
        let end = start + 1;
        while (end < parts[at + 1] && kinds[end] === kinds[start]) end += 1;
        spans.push(el("span", { class: `${kinds[start]}${holds ? " val" : ""}`, role: holds ? "button" : false, tabindex: holds ? "-1" : false, "data-origin": parts[at + 2] }, slice(all, start, end)));
        start = end;
      }
    }
    const words = { in: "contains the value", key: "contains its name", if: "depends on it", before: "omitted text before it depends on it" };
    return el("div", { class: `row${role ? ` lit-${role}` : ""}${number === state.line ? " current" : ""}`, "data-line": number },
      el("button", { type: "button", tabindex: isStop ? "0" : "-1", "aria-label": `line ${number}${role ? `, ${words[role]}` : ""}`, "aria-current": number === state.line ? "true" : false }, String(number)),
      el("code", {}, spans));
  }

  function clicked(event) {
    const chosen = event.target.closest(".row");
    if (!chosen) return;
    const span = event.target.closest(".val");
    if (span && !String(getSelection())) {
      const origin = data.origins[Number(span.dataset.origin)];
      state.value = named([...origin[1], ...origin[2]])[0];
    }
    go(toFile(state.rest, Number(chosen.dataset.line)), true);
  }

  // Close the origin of a line or value: nothing is selected any more.
  const closing = document.getElementById("close");
  function close() {
    const isFile = state.section === "file";
    if (isFile) state.value = "";
    go(isFile ? toFile(state.rest) : link(state.env, state.section), true, state.line || Number(main.querySelector("[class*='lit-']")?.dataset.line));
  }
  closing.addEventListener("click", close);

  function moved(event) {
    const beside = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (beside || ((event.key === "Enter" || event.key === " ") && event.target.matches(".val"))) {
      const stops = [...event.target.closest(".row").querySelectorAll("button, .val")];
      event.preventDefault();
      if (beside) stops[stops.indexOf(event.target) + beside]?.focus();
      else event.target.click();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20, Home: -1e9, End: 1e9 }[event.key];
    const current = event.target.closest(".row");
    if (!step || !current) return;
    const rows = [...event.currentTarget.children];
    const next = rows[Math.min(Math.max(rows.indexOf(current) + step, 0), rows.length - 1)];
    event.preventDefault();
    current.firstChild.tabIndex = -1;
    next.firstChild.tabIndex = 0;
    next.firstChild.focus();
  }

  // Origin

  function settings(path) {
    const value = env().values.find((each) => each.path === path);
    const link = el("a", { href: toValue(path), class: path === state.value ? "chosen" : "" }, path);
    if (!value || !value.set.length) return el("li", {}, link, el("span", { class: "origin" }, " not set"));
    const [first, ...others] = value.set;
    return el("li", {}, link, value.value === "" ? "" : [" = ", el("code", {}, value.value)],
      el("span", { class: "origin" }, " ", at(first[1], first[2]), others.map((each) => [each[0] ? `, overrides ${each[0]} in ` : ", ", at(each[1], each[2])])));
  }
  const listing = (title, paths) => (paths.length ? [el("p", { class: "what" }, title), el("ul", {}, paths.map(settings))] : "");

  const STEPS = {
    branch: (step) => `because this condition is ${step.held ? "true" : "false"}`,
    loop: (step) => `iteration ${step.round} of this loop: ${step.item}`,
    empty: () => "because this loop never runs",
    macro: (step) => `rendered by ${step.name}(), which is called here`,
    include: (step) => `in ${data.folders.templates}/${step.name}, which is included here`,
    text: () => "in text that is inserted here",
  };

  function whyLine(found, number) {
    const texts = characters(found.text.split("\n")[number - 1] || "");
    const parts = found.lines[number - 1] || [];
    const shown = [el("h3", {}, `${found.path}:${number}`)];
    let steps = [];
    let before = null;
    for (let start = 0; start < parts.length; start += 3) {
      const text = slice(texts, parts[start], parts[start + 1]);
      const [where, held, keys, decides, way] = data.origins[parts[start + 2]];
      if (!text.trim() && parts.length > 3) continue;
      if (way.length > steps.length) steps = way;
      const from = where === null ? null : data.places[where];
      const same = from && before && from[0] === before[0] && from[1] === before[1];
      before = from;
      shown.push(el("section", { class: same ? "piece same" : "piece" },
        same ? "" : from ? [el("p", { class: "origin" }, at(data.templates[from[0]][0], from[1])), el("pre", { tabindex: "0" }, source(from[0], from[1]))] : el("p", {}, "part of the header that oetgen adds"),
        el("p", {}, el("code", { class: "made" }, text.trim() || "an empty line")),
        listing("the value", named(held)), listing("the key", named(keys)), listing("chosen by", named(decides))));
    }
    if (steps.length) {
      shown.push(el("h4", {}, "Conditions, loops and calls"), el("ol", { class: "way" }, [...steps].reverse().map((index) => {
        const step = data.steps[index];
        return el("li", {}, STEPS[step.kind](step), el("p", { class: "origin" }, at(data.templates[step.path][0], step.line)), el("pre", { tabindex: "0" }, source(step.path, step.line)), listing("depends on", named(step.decides)));
      })));
    }
    const isShown = ([, , where, decides]) => where !== null && steps.some((index) => data.steps[index].path === data.places[where][0] && data.steps[index].line === data.places[where][1] && String(data.steps[index].decides) === String(decides));
    const gaps = found.absent.filter((gap) => gap[0] === number && !isShown(gap));
    for (const [, within, where, decides] of gaps) {
      shown.push(el("h4", {}, `Text that is omitted ${within ? "in" : "before"} this line`),
        where === null ? "" : el("pre", { tabindex: "0" }, source(data.places[where][0], data.places[where][1])), listing("depends on", named(decides)));
    }
    if (found.decides.length) shown.push(el("h4", {}, "The path of the file"), listing("depends on", named(found.decides)));
    return shown;
  }

  // What a value is in an environment, and the line that sets or removes it.
  function elsewhere(path, name) {
    const found = environments.get(name).values.find((each) => each.path === path);
    if (!found?.set.length) return missing(path, name);
    return [found.value ? [el("code", {}, found.value), " "] : "", el("span", { class: "origin" }, short(found.set[0][1], found.set[0][2]))];
  }
  // That a value is not set, with the line that removes it, or a map around it.
  function missing(path, name) {
    const [, at, line] = environments.get(name).removed.find(([key]) => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`)) || [];
    return [el("span", { class: "dim" }, "not set"), at ? el("span", { class: "origin" }, " removed in ", short(at, line)) : ""];
  }

  function whyValue(path) {
    const reached = env().reach[path] || [];
    const lines = (each) => new Set([...expand(each[1]), ...expand(each[2]), ...expand(each[3])]).size;
    const total = reached.reduce((sum, each) => sum + lines(each), 0);
    const words = [[1, "in"], [2, "its name in"], [3, "decides about"], [4, "decides about text before"]];
    return [el("h3", {}, path), el("ul", {}, settings(path)),
      el("p", {}, reached.length ? `Affects ${plural(total, "line")} in ${plural(reached.length, "file")} of ${state.env}.` : `Affects no line in ${state.env}.`),
      el("ul", { class: "reach" }, reached.map((each) => {
        const found = env().files[each[0]];
        const first = Math.min(...[1, 2, 3].flatMap((part) => [...expand(each[part])]), found.text.split("\n").length);
        return el("li", {}, el("a", { href: toFile(found.path, first) }, found.path),
          words.filter(([part]) => each[part]).map(([part, word], number) => el("span", { class: "origin" }, `${number ? "; " : " "}${word} ${/[,-]/.test(each[part]) ? "lines" : "line"} ${each[part].replaceAll(",", ", ")}`)), each[5] ? el("span", { class: "origin" }, " path") : "");
      })),
      names.length > 1 ? [el("p", {}, "This value in the other environments:"), el("ul", {}, names.filter((name) => name !== state.env).map((name) => el("li", {}, el("a", { href: toValue(path, name) }, name), ": ", elsewhere(path, name))))] : ""];
  }

  // The frame

  const SECTIONS = [["system", "System", system], ["findings", "Findings", findings], ["changes", "Changes", changes],
    ["differences", "Differences", differences], ["values", "Values", values], ["costs", "Costs", costs], ["coverage", "Coverage", coverage]];

  function sections() {
    const worst = (found) => Object.keys(TITLES).find((each) => found.some((one) => one.severity === each)) || "";
    const counting = env().findings.filter((each) => !isAccepted(each));
    const counts = { findings: objects(counting).length, changes: several(env().hazards, (each) => each.effect).reduce((sum, [, found]) => sum + objects(found).length, 0) };
    const tones = { findings: worst(counting), changes: worst(env().hazards) };
    const shown = SECTIONS.filter(([id]) => id !== "differences" || names.length > 1);
    const reached = new Set((env().reach[state.value] || []).map((each) => each[0]));
    const folders = new Map();
    env().files.forEach((each, index) => {
      const at = each.path.lastIndexOf("/");
      const folder = at < 0 ? "." : each.path.slice(0, at);
      if (!folders.has(folder)) folders.set(folder, []);
      folders.get(folder).push([each, each.path.slice(at + 1), reached.has(index)]);
    });
    const current = (is) => (is ? "page" : false);
    return [el("ul", {}, shown.map(([id, title]) => el("li", {}, el("a", { href: link(state.env, id), "aria-current": current(state.section === id) }, title, counts[id] ? el("span", { class: `badge ${tones[id]}` }, String(counts[id])) : "")))),
      el("details", { open: matchMedia("(min-width: 60rem)").matches || state.section === "file" && state.value !== "" }, el("summary", {}, plural(env().files.length, "file")),
        [...folders].map(([folder, found]) => [el("p", { class: "folder" }, `${folder}/`),
          el("ul", {}, found.map(([each, name, lit]) => el("li", {}, el("a", { href: toFile(each.path), class: lit ? "lit" : "", "aria-current": current(state.section === "file" && state.rest === each.path) }, name, lit ? el("span", { class: "hidden" }, " (affected)") : ""))))]))];
  }

  // What matters of an environment, in one line: each part is a link to where it is shown.
  // What is refused is one mistake with the error that explains it; an object counts once.
  const mistakes = (each) => each.findings.filter((one) => one.severity === "error" && !one.refused).length;
  const affected = (each, effect) => objects(each.hazards.filter((one) => one.effect === effect)).length;
  function facts(each) {
    const errors = mistakes(each);
    const counts = several(each.hazards, (one) => one.effect).map(([effect, found]) => [effect, affected(each, effect), found[0].severity]);
    const [bad, others] = [true, false].map((isBad) => counts.filter(([, , severity]) => (severity === "error") === isBad)
      .map(([effect, count]) => [`${count} ${count > 1 ? effect.replace("loses", "lose") : effect}`, isBad ? "error" : "warning", "changes", effect]));
    const wrong = errors ? [[plural(errors, bad.length ? "other error" : "error"), "error", "findings", "error"]] : bad.length ? [] : [["no errors", "", "findings"]];
    return [...bad, ...wrong, ...others,
      [each.against ? `${counts.length ? "" : "no hazards "}against ${each.against}` : each.files.length ? "not committed" : "not rendered", "", "changes"]];
  }
  // A count leads to what it counts, without the other kinds.
  const only = (href, kind = "") => ({ href, on: { click: (event) => { event.preventDefault(); state.only = kind; go(href); } } });
  function strip() {
    const found = facts(env()).map(([text, tone, section, kind]) => el("a", { class: `fact ${tone}`, ...only(link(state.env, section), kind) }, text));
    document.getElementById("strip").replaceChildren(...(env().stop ? [el("a", { class: "stop", href: link(state.env, "changes") }, env().stop)] : []), el("strong", {}, `${state.env}:`), ...found);
  }
  // A row for each environment: what would go wrong, as counts that lead to it.
  const COLUMNS = [["refused", "refused"], ["data loss", "loses data"], ["outages", "outage"], ["restarts", "restarted"], ["other errors", "error"]];
  const BAD = ["refused", "loses data", "error"];
  const countOf = (each, kind) => (kind === "error" ? mistakes(each) : affected(each, kind));
  function overview() {
    const count = (each, [, kind]) => {
      const section = kind === "error" ? "findings" : "changes";
      if (section === "changes" && !each.against) return el("td", { class: "dim" }, el("span", { "aria-hidden": "true" }, "–"), el("span", { class: "hidden" }, "unknown"));
      const found = countOf(each, kind);
      return el("td", {}, found ? el("a", { class: `fact ${BAD.includes(kind) ? "error" : "warning"}`, ...only(link(each.name, section), kind) }, String(found)) : el("span", { class: "dim" }, "0"));
    };
    return el("table", {}, el("thead", {}, el("tr", {}, ["environment", ...COLUMNS.map(([title]) => title)].map((title) => el("th", { scope: "col" }, title)))),
      el("tbody", {}, data.environments.map((each) => el("tr", {}, el("th", { scope: "row", "aria-current": each.name === state.env ? "true" : false }, each.name), COLUMNS.map((column) => count(each, column))))));
  }
  function environmentButton(name) {
    const bad = facts(environments.get(name)).filter(([, tone]) => tone === "error");
    return el("button", { type: "button", id: `show-${name}`, "aria-pressed": String(name === state.env), on: { click: () => go(link(name, state.section, ...(state.rest ? [state.rest] : []))) } },
      name, bad.length ? [" ", el("span", { class: "mark error" }, bad.map(([text]) => text).join(", "))] : "");
  }

  const scrolls = new Map(); // by view, for the way back
  let view = "";
  let follows = false; // whether a link was followed, and not the way back
  document.addEventListener("click", (event) => { if (event.target.closest("a[href^='#']")) follows = true; });

  function show(keep) {
    const next = [state.env, state.section, state.rest].join("/");
    const isNew = next !== view;
    const scrolled = keep || !isNew ? window.scrollY : follows ? 0 : scrolls.get(next) || 0;
    const isBack = isNew && !follows && scrolls.has(next);
    view = next;
    follows = false;
    const focused = document.activeElement?.id; // of a button that is made anew
    document.getElementById("environments").replaceChildren(...names.map(environmentButton));
    strip();
    const table = document.getElementById("overview");
    table.hidden = names.length < 2 || !["system", "findings", "changes"].includes(state.section) || !data.environments.some((each) => COLUMNS.some(([, kind]) => countOf(each, kind)));
    table.replaceChildren(table.hidden ? "" : overview());
    document.getElementById("sections").replaceChildren(...sections());
    const known = SECTIONS.find(([id]) => id === state.section);
    const content = known ? known[2]() : { code, source: sourceFile }[state.section]?.() || file();
    const gone = state.gone ? el("p", { role: "status" }, `The page has no environment ${state.gone}: this is ${state.env}.`) : "";
    main.replaceChildren(...[gone, content].flat(9).filter(Boolean));
    const found = state.section === "file" ? fileOf(state.rest) : null;
    let why = [];
    if (found && state.line && !found.reason) why = whyLine(found, state.line);
    else if (state.value) why = whyValue(state.value);
    if (found && state.line && state.value) why.push(el("hr"), ...whyValue(state.value));
    if (found && !why.length) why = [el("p", {}, "Select a line, or a value in it.")];
    reason.replaceChildren(...why.flat(9).filter(Boolean));
    closing.hidden = !state.line && !state.value;
    document.body.classList.toggle("alone", !why.length);
    document.body.classList.toggle("idle", closing.hidden);
    document.getElementById("why").scrollTop = 0;
    document.title = `oetgen: ${state.env} ${known ? state.section : state.rest}${state.section === "differences" ? ` from ${pair().find((name) => name !== state.env)}` : ""}`;
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    document.documentElement.style.setProperty("--over", `${table.offsetHeight}px`);
    document.documentElement.style.setProperty("--head", `${document.querySelector("header").offsetHeight}px`);
    hint();
    window.scrollTo(0, scrolled);
    const current = main.querySelector(".row.current button, .row.current .number");
    const lit = state.section === "file" && state.value && !isBack ? main.querySelector("[class*='lit-']") : null;
    if (keep && !current) (main.querySelector(".row [tabindex='0']") || main).focus({ preventScroll: true });
    if (current && !isBack) {
      if (keep || document.activeElement === document.body) current.focus({ preventScroll: true });
      current.scrollIntoView({ block: keep ? "nearest" : "center" });
    } else if (lit) {
      if (document.activeElement === document.body) lit.querySelector("button").focus({ preventScroll: true });
      lit.scrollIntoView({ block: "center" });
    } else if (state.section === "values" && state.value && !isBack) {
      main.querySelector("tr.current")?.scrollIntoView({ block: isNew ? "center" : "nearest" });
    } else if (state.section === "system" && state.rest) {
      document.getElementById(`parts-${state.rest}`)?.scrollIntoView();
      document.querySelector(`#parts-${CSS.escape(state.rest)} summary`)?.focus({ preventScroll: true });
    } else if (isNew && started) {
      document.getElementById("announce").textContent = document.title.slice(8);
      if (!document.activeElement || document.activeElement === document.body) main.focus({ preventScroll: true });
    }
    started = true;
  }

  let started = false;
  let kept = false;
  function go(hash, keep = false, closed = 0) {
    state.closed = closed;
    if (location.hash === hash) show(keep);
    else { kept = keep; location.hash = hash; }
  }
  // Without an address the page opens on the worst environment: what is refused or lost, then errors, then other hazards.
  function first() {
    const errors = (found) => found.filter((each) => each.severity === "error").length;
    const status = (each) => [errors(each.hazards), errors(each.findings), each.hazards.filter((one) => one.severity === "warning").length];
    const worse = (one, other) => { const at = one.findIndex((count, index) => count !== other[index]); return at >= 0 && one[at] > other[at]; };
    const worst = data.environments.reduce((found, each) => (worse(status(each), status(found)) ? each : found));
    const [refused, wrong, hazards] = status(worst);
    state.env = worst.name;
    state.section = refused ? "changes" : wrong ? "findings" : hazards ? "changes" : "system";
  }
  function read() {
    const keep = kept;
    kept = false;
    if (!keep) state.closed = 0;
    const [name, section, rest, line] = location.hash.slice(2).split("/").map((part) => { try { return decodeURIComponent(part); } catch { return ""; } });
    if (view) scrolls.set(view, lastScroll);
    if (!location.hash.startsWith("#/")) { if (location.hash && started) return; first(); } else {
      state.env = environments.has(name) ? name : names[0];
      state.gone = name === state.env ? "" : name;
      if (section === "value") {
        state.value = rest || "";
        if (state.section !== "file") { state.section = "values"; state.rest = ""; }
        state.line = 0;
      } else {
        state.section = ["file", "code", "source"].includes(section) || SECTIONS.some(([id]) => id === section) ? section : "system";
        state.rest = ["file", "code", "source", "system", "differences"].includes(state.section) ? rest || "" : "";
        state.line = Number(line) || 0;
        if (state.section !== "file") state.value = "";
      }
    }
    show(keep);
    lastScroll = window.scrollY;
  }
  let lastScroll = 0;
  window.addEventListener("scroll", () => { lastScroll = window.scrollY; }, { passive: true });

  // Search

  const search = document.getElementById("search");
  const foundBox = document.getElementById("found");
  // Equal results of several environments are one, that of the current environment if it has it; each has its own line.
  function merged(find) {
    const all = new Map();
    for (const name of [state.env, ...names.filter((each) => each !== state.env)]) for (const [key, item] of find(environments.get(name), name)) {
      if (!all.has(key)) all.set(key, { ...item, env: name, places: [] });
      all.get(key).places.push([name, item.line]);
    }
    return [...all.values()];
  }
  function* linesWith(each, words) {
    for (const file of each.files) {
      file.low ??= file.text.toLowerCase();
      const rest = words.filter((word) => !file.path.toLowerCase().includes(word)); // the others name the file
      if (!rest.length || !holds(file.low, rest)) continue;
      const times = new Map(); // a text that a file has more than once is as many results
      for (const [index, text] of file.text.split("\n").entries()) {
        if (!holds(text.toLowerCase(), rest)) continue;
        times.set(text, (times.get(text) || 0) + 1);
        yield [`${file.path}\n${text}\n${times.get(text)}`, { path: file.path, line: index + 1, text: text.trim() }];
      }
    }
  }
  // A line may be named as it is everywhere: out/prod/k8s/a.yaml:62, or the end of it.
  function linesAt(each) {
    const [, path, line] = search.value.trim().match(/^(\S+):([1-9]\d*)$/) || [];
    const found = each.files.filter((file) => path && `/${each.folder}/${file.path}`.endsWith(`/${path}`) && line < file.text.split("\n").length);
    return found.map((file) => [file, file.text.split("\n")[line - 1].trim()]).map(([file, text]) => [`${file.path}\n${text}`, { path: file.path, line: Number(line), text }]);
  }
  function looked() {
    const words = wordsOf(search.value);
    foundBox.hidden = !words.length;
    if (!words.length) { foundBox.replaceChildren(); return; }
    const valuesFound = merged((each) => each.values.filter((value) => holds(`${value.path} ${value.value}`.toLowerCase(), words)).map((value) => [`${value.path}\n${value.value}`, value]));
    const filesFound = merged((each) => each.files.filter((file) => holds(file.path.toLowerCase(), words)).map((file) => [file.path, { path: file.path }]));
    const linesFound = merged((each) => [...linesAt(each), ...linesWith(each, words)]);
    const where = (each) => {
      const moved = each.places.some(([, line]) => line !== each.line);
      const named = each.places.map(([name, line], number) => [number ? ", " : "", line === each.line ? name : el("a", { href: toFile(each.path, line, name) }, `${name}:${line}`)]);
      return names.length < 2 ? "" : el("span", { class: "origin" }, each.places.length === names.length && !moved ? " in every environment" : [" in ", named]);
    };
    const part = (title, found, make) => (found.length ? [el("h2", {}, `${title}: ${found.length}`), el("ul", { class: "plain" }, found.slice(0, MOST).map((each) => el("li", {}, make(each), where(each)))), found.length > MOST ? el("p", { class: "dim" }, `and ${found.length - MOST} more`) : ""] : []);
    const count = valuesFound.length + filesFound.length + linesFound.length;
    foundBox.replaceChildren(el("p", { role: "status" }, `${plural(count, "result")} in ${names.length > 1 ? `${names.length} environments` : state.env}`),
      ...[part("Values", valuesFound, (each) => [el("a", { href: toValue(each.path, each.env) }, each.path), each.value ? [" ", el("code", {}, each.value)] : ""]),
        part("Files", filesFound, (each) => el("a", { href: toFile(each.path, 0, each.env) }, each.path)),
        part("Lines", linesFound, (each) => [el("a", { href: toFile(each.path, each.line, each.env) }, `${each.path}:${each.line}`), " ", el("code", {}, each.text)])].flat(2).filter(Boolean));
  }
  search.addEventListener("input", looked);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { search.value = ""; looked(); }
    const first = foundBox.querySelector("a");
    if (event.key === "Enter" && first) { event.preventDefault(); first.focus(); }
  });
  foundBox.addEventListener("click", (event) => { if (event.target.closest("a")) { event.target.closest("a").blur(); foundBox.hidden = true; } });
  document.addEventListener("keydown", (event) => {
    if (event.target.tagName === "INPUT") return;
    if (event.key === "Escape" && !foundBox.hidden) foundBox.hidden = true;
    else if (event.key === "Escape" && !closing.hidden) close();
    if (event.key === "/") { event.preventDefault(); search.focus(); }
  });
  // Not as an address, which is that of the view.
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
  });

  window.addEventListener("hashchange", read);
  read();
})();
