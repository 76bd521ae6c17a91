// Suggest names while one is typed: an editable combobox with a list (WAI-ARIA 1.2), over a field that works without.
//
// What is typed is sent in a body. A choice fills the fields beside it, too: `detail`, which tells two of one name apart,
// and `person`, which says who of the register it is; whatever is typed afterwards is nobody of it. In a list these are
// the fields of the same line, and the suggestions float above the list, which would cut them off.

const LETTERS_MIN = 2;
const WAIT_MS = 120;
const LIST_WIDTH_MIN = 320;

export function startSuggestions(root) {
  for (const input of root.querySelectorAll("input[data-suggest]")) if (!input.closest("table")) suggestFor(input);
}

export function suggestFor(input) {
  input.suggestions ??= new Suggestions(input);
}

class Suggestions {
  constructor(input) {
    this.input = input;
    this.rows = [];
    this.at = -1;
    this.cell = input.closest("td");
    const box = this.cell ?? document.createElement("div");
    box.classList.add("suggest");
    if (!this.cell) input.before(box);
    this.list = document.createElement("ul");
    this.list.id = `${input.id}-list`;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", input.dataset.suggestLabel);
    this.list.hidden = true;
    if (this.cell) {
      this.list.className = "afloat";
      box.append(this.list);
      window.addEventListener("scroll", () => this.place(), { capture: true, passive: true });
    } else {
      const had = document.activeElement === input;
      box.append(input, this.list);
      if (had) input.focus();
    }
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", this.list.id]]) input.setAttribute(name, value);
    input.addEventListener("input", () => {
      this.fill("person", "");
      this.askSoon();
    });
    input.addEventListener("keydown", (event) => this.onKey(event));
    input.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const item = event.target.closest("li");
      if (item) this.take([...this.list.children].indexOf(item));
    });
  }

  // The field of a name that belongs to this one: of the form, or of the same line of a list.
  fill(name, value) {
    const prefix = this.input.name.slice(0, this.input.name.lastIndexOf(".") + 1);
    const field = this.input.form?.elements.namedItem(prefix + name);
    if (field) field.value = value;
  }

  // Below the cell, or above it where there is no room below.
  place() {
    if (!this.cell || this.list.hidden) return;
    const { left, top, bottom, width } = this.input.getBoundingClientRect();
    this.list.style.left = `${Math.max(4, left)}px`;
    this.list.style.width = `${Math.min(Math.max(width, LIST_WIDTH_MIN), window.innerWidth - left - 4)}px`;
    const { offsetHeight } = this.list; // which its width decides
    const isBelow = bottom + offsetHeight + 4 < window.innerHeight || top < offsetHeight;
    this.list.style.top = `${isBelow ? bottom + 2 : top - offsetHeight - 2}px`;
  }

  askSoon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask() {
    this.asking?.abort();
    const typed = this.input.value.trim();
    if (typed.length < LETTERS_MIN) return this.close();
    const asking = new AbortController();
    this.asking = asking;
    try {
      const answer = await fetch(this.input.dataset.suggest, {
        method: "POST",
        body: new URLSearchParams({ q: typed }),
        headers: { Accept: "application/json" },
        signal: asking.signal,
      });
      const isList = answer.ok && !answer.redirected && answer.headers.get("content-type")?.startsWith("application/json");
      const rows = isList ? await answer.json() : [];
      if (isList && asking === this.asking) this.show(rows);
    } catch {
      if (asking === this.asking) this.close(); // suggestions are no more than that: without a connection one types the name
    }
  }

  show(rows) {
    this.rows = rows;
    this.at = -1;
    this.list.replaceChildren(...rows.map((row, index) => this.item(row, index)));
    const isOpen = rows.length > 0 && document.activeElement === this.input;
    this.list.hidden = !isOpen;
    this.place();
    this.input.setAttribute("aria-expanded", String(isOpen));
    this.input.removeAttribute("aria-activedescendant");
  }

  item(row, index) {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${index}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.append(row.detail ? `${row.name}, ${row.detail}` : row.name);
    const more = document.createElement("span");
    more.textContent = row.more;
    item.append(more);
    return item;
  }

  onKey(event) {
    if (event.isComposing || this.list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const size = this.rows.length;
      this.mark(event.key === "ArrowDown" ? (this.at + 1) % size : (this.at < 1 ? size : this.at) - 1);
    } else if (event.key === "Enter" && this.at >= 0) {
      event.preventDefault();
      this.take(this.at);
    } else if (event.key === "Tab" && this.at >= 0) this.take(this.at);
    else if (event.key === "Escape") {
      event.preventDefault();
      this.close();
    }
  }

  mark(at) {
    this.list.children[this.at]?.setAttribute("aria-selected", "false");
    this.at = at;
    const item = this.list.children[at];
    item.setAttribute("aria-selected", "true");
    item.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", item.id);
  }

  take(at) {
    const row = this.rows[at];
    this.input.value = row.name;
    if (row.detail || !this.cell) this.fill("detail", row.detail);
    this.fill("person", row.person);
    this.close();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  close() {
    clearTimeout(this.waiting);
    this.asking?.abort();
    this.list.hidden = true;
    this.at = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
