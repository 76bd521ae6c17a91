// Keep what was typed into a list on this machine too, for as long as the server has not got it.
//
// A connection that is cut, a browser that is closed, a page that is left: what was not saved yet is there again when
// the list is opened. If the list was saved elsewhere meanwhile, neither is written over the other; a person chooses.

const PAUSE_MS = 300;
const PREFIX = "soquy-list:";

export function keepLists(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) {
    const told = root.querySelector("[data-kept]");
    if (told && !form.keeper) form.keeper = new Keeper(form, told);
  }
}

class Keeper {
  constructor(form, told) {
    this.form = form;
    this.told = told;
    this.key = PREFIX + told.dataset.kept;
    this.restore();
    const changed = () => this.keepSoon();
    for (const kind of ["input", "change", "grid:change"]) form.addEventListener(kind, changed);
    form.addEventListener("desk:saved", () => {
      this.forget();
      // From here on it is at its own address, so that loading the page again finds it.
      history.replaceState(null, "", form.action);
    });
    form.addEventListener("desk:conflict", () => this.parted());
    // What is sent may arrive though its answer does not; it is known by the version that the server has then.
    form.addEventListener("submit", () => this.keep(true));
  }

  // The list as it stands, lines in their order, without those that nobody began.
  fields() {
    const head = {};
    const lines = [];
    for (const [name, value] of new FormData(this.form)) {
      const found = /^lines\.([0-9]+)\.([a-z]+)$/.exec(name);
      if (!found) {
        if (!["key", "version", "then", "more"].includes(name)) head[name] = value;
        continue;
      }
      if (lines.at(-1)?.row !== found[1]) lines.push({ row: found[1], cells: {} });
      lines.at(-1).cells[found[2]] = value;
    }
    const begun = lines.map((line) => line.cells).filter((cells) => Object.entries(cells).some(([name, value]) => name !== "wish" && value.trim()));
    return { head, lines: begun };
  }

  keepSoon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.keep(false), PAUSE_MS);
  }

  keep(isSent) {
    clearTimeout(this.waiting);
    const kept = { version: this.form.elements.version.value, at: Date.now(), isSent, fields: this.fields() };
    try {
      localStorage.setItem(this.key, JSON.stringify(kept));
    } catch {
      // A full or forbidden storage takes nothing away: the list is still on the page, and on its way to the server.
    }
  }

  forget() {
    clearTimeout(this.waiting);
    localStorage.removeItem(this.key);
  }

  restore() {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(this.key));
    } catch {
      this.forget();
    }
    if (!kept) return;
    const isSame = JSON.stringify(kept.fields) === JSON.stringify(this.fields());
    const isOlder = kept.version !== this.form.elements.version.value;
    if (isSame || (isOlder && kept.isSent)) return this.forget();
    const time = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" }).format(kept.at);
    if (isOlder) this.ask(kept, time);
    else {
      this.fill(kept.fields);
      this.tell("info", this.told.dataset.sayRestored.replace("{time}", time));
    }
  }

  fill({ head, lines }) {
    for (const [name, value] of Object.entries(head)) {
      const field = this.form.elements.namedItem(name);
      if (field && "value" in field) field.value = value;
    }
    const table = this.form.querySelector("table[data-grid]");
    while (table.tBodies[0].rows.length < lines.length && table.grid?.addRow());
    for (const [index, row] of [...table.tBodies[0].rows].entries()) {
      for (const cell of row.querySelectorAll("input[name], select[name]")) {
        const name = cell.name.split(".")[2];
        cell.value = lines[index]?.[name] ?? (cell.tagName === "SELECT" ? cell.options[0].value : "");
      }
    }
    table.dispatchEvent(new CustomEvent("grid:change", { bubbles: true }));
    table.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Both go on: what is on this page becomes a list of its own.
  part() {
    const { fresh } = this.told.dataset;
    this.forget();
    this.key = PREFIX + fresh.split("/").at(-1);
    this.form.elements.version.value = "0";
    this.form.action = fresh;
    this.form.dataset.autosave = `${fresh}/save`;
    if (this.form.draft) this.form.draft.isOver = false;
    history.replaceState(null, "", fresh);
    this.told.hidden = true;
    this.form.querySelector("table[data-grid]").dispatchEvent(new CustomEvent("grid:change", { bubbles: true }));
  }

  parted() {
    this.keep(false);
    const see = document.createElement("a");
    see.href = this.told.dataset.open;
    see.target = "_blank";
    see.textContent = this.told.dataset.saySee;
    see.className = "button plain";
    this.tell("warn", this.told.dataset.sayOther, this.told.dataset.sayWhole, [this.button("sayBoth", () => this.part()), see]);
  }

  ask(kept, time) {
    const both = this.button("sayBoth", () => {
      this.fill(kept.fields);
      this.part();
    });
    const drop = this.button("sayDrop", () => {
      this.forget();
      this.told.hidden = true;
    });
    drop.classList.add("plain");
    this.tell("warn", this.told.dataset.sayOther, this.told.dataset.sayWaiting.replace("{time}", time), [both, drop]);
  }

  button(words, work) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button";
    made.textContent = this.told.dataset[words];
    made.addEventListener("click", work);
    return made;
  }

  tell(kind, title, text = "", actions = []) {
    this.told.className = `kept notice ${kind}`;
    this.told.setAttribute("role", "status");
    const said = document.createElement("p");
    said.className = "notice-title";
    said.textContent = title;
    const more = document.createElement("p");
    more.textContent = text;
    const row = document.createElement("div");
    row.className = "actions";
    row.append(...actions);
    this.told.replaceChildren(said, ...(text ? [more] : []), ...(actions.length ? [row] : []));
    this.told.hidden = false;
  }
}

keepLists(document);
document.addEventListener("desk:shown", (event) => keepLists(event.target));
