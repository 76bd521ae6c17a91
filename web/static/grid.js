// A list that is typed like a spreadsheet: a table of ordinary fields (parts/grid.html), so that it works without this.
//
//   Tab, Shift-Tab   across, and on to a new row after the last
//   Enter            down, to the column where this row's typing began; Shift-Enter up
//   arrows           to the cell beside; left and right only from the end of its text
//   Ctrl-D           fill with what stands above; Ctrl-Shift-D fills every begun row below
//   Alt-Delete       take the row away
//   paste            a block from a spreadsheet, over as many rows and columns as it has
//
// What fills, pastes or takes away says what it did and can be undone. After every change the table sends `grid:change`,
// whose detail has `count`, `total` and `unreadable`; an autosave listens for it.

import { amountOf, group, grouped } from "./amount.js";
import { arranged } from "./columns.js";
import { word } from "./words.js";

const SAID_MS = 80; // a status that is emptied and filled at once is not read out again
const CELLS = "input:not([type=hidden]), select";

export function startGrids(root) {
  for (const table of root.querySelectorAll("table[data-grid]")) if (!table.grid) table.grid = new Grid(table);
}

class Grid {
  constructor(table) {
    this.table = table;
    this.body = table.tBodies[0];
    this.countMax = Number(table.dataset.gridMax) || 2_000;
    this.next = 1 + Math.max(-1, ...this.rows().map((row) => Number(row.dataset.row)));
    this.homeColumn = 0;
    this.undoing = null;
    this.box = table.closest("[data-grid-box]");
    this.template = this.box.querySelector("template");
    this.listen();
    for (const tool of this.box.querySelectorAll("[data-grid-tool]")) tool.hidden = false;
    this.renumber();
    this.recount();
  }

  rows() {
    return [...this.body.rows];
  }

  cells(row) {
    return [...row.querySelectorAll(CELLS)];
  }

  // A row is begun by what is typed into it; a choice always has some value.
  isBegun(row) {
    return this.cells(row).some((cell) => cell.tagName !== "SELECT" && cell.value.trim() !== "");
  }

  // Where a cell stands: its row and its column, counted from 0.
  placeOf(cell) {
    const row = cell.closest("tr");
    return { row, line: this.rows().indexOf(row), column: this.cells(row).indexOf(cell) };
  }

  addRow() {
    if (this.body.rows.length >= this.countMax) {
      this.say(word("gridFull", { max: grouped(String(this.countMax)) }));
      return null;
    }
    const holder = document.createElement("tbody");
    holder.innerHTML = this.template.innerHTML.replaceAll("__n__", this.next);
    const row = holder.rows[0];
    this.next += 1;
    for (const tool of row.querySelectorAll("[data-grid-tool]")) tool.hidden = false;
    this.body.append(row);
    number(row, this.body.rows.length);
    return row;
  }

  listen() {
    this.table.addEventListener("keydown", (event) => this.onKey(event));
    this.table.addEventListener("paste", (event) => this.onPaste(event));
    this.table.addEventListener("pointerdown", (event) => {
      if (event.target.matches(CELLS)) this.homeColumn = this.placeOf(event.target).column;
    });
    this.table.addEventListener("input", () => this.changed());
    this.table.addEventListener("change", () => this.changed());
    this.box.addEventListener("click", (event) => {
      if (event.target.closest("[data-grid-add]")) {
        event.preventDefault(); // without script it asks the server for more rows
        this.moveTo(this.addRow(), 0);
      }
      else if (event.target.closest("[data-grid-remove]")) this.remove(event.target.closest("tr"));
      else if (event.target.closest("[data-grid-undo]")) this.undo();
    });
    for (const input of this.declared()) input?.addEventListener("input", () => this.changed());
  }

  onKey(event) {
    const cell = event.target;
    if (event.isComposing || event.defaultPrevented || !cell.matches?.(CELLS)) return;
    const isCommand = event.ctrlKey || event.metaKey;
    const { row, line, column } = this.placeOf(cell);
    if (event.key === "Enter" && !isCommand && !event.altKey) {
      event.preventDefault();
      this.goTo(line + (event.shiftKey ? -1 : 1), event.shiftKey ? column : this.homeColumn);
    } else if (event.key === "Tab" && !event.shiftKey && !isCommand && this.isLastCell(row, column) && this.isBegun(row)) {
      this.addRow(); // and the browser goes there
    } else if (isCommand && event.key.toLowerCase() === "d") {
      event.preventDefault();
      if (event.shiftKey) this.fillBelow(line, column);
      else this.fillFromAbove(line, column);
    } else if (event.key === "Delete" && event.altKey) {
      event.preventDefault();
      this.remove(row);
    } else if (!isCommand && !event.altKey && !event.shiftKey) {
      this.onArrow(event, cell, line, column);
    }
  }

  onArrow(event, cell, line, column) {
    const isSelect = cell.tagName === "SELECT";
    const lines = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (lines && !isSelect && !cell.hasAttribute("list")) {
      event.preventDefault();
      if (line + lines < this.body.rows.length) this.goTo(line + lines, column, true);
      return;
    }
    const columns = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!columns) return;
    const edge = columns < 0 ? 0 : cell.value.length;
    const isAtEdge = isSelect || (cell.selectionStart === edge && cell.selectionEnd === edge);
    const beside = isAtEdge ? this.cells(cell.closest("tr"))[column + columns] : null;
    if (!beside) return;
    event.preventDefault();
    this.homeColumn = column + columns;
    focus(beside);
  }

  isLastCell(row, column) {
    return row === this.body.rows[this.body.rows.length - 1] && column === this.cells(row).length - 1;
  }

  // Go to a row; past the last one that is begun, there is a new one.
  goTo(line, column, isArrow = false) {
    const rows = this.rows();
    if (line < 0) return;
    if (isArrow) this.homeColumn = column;
    let row = rows[line];
    if (!row) row = this.isBegun(rows[rows.length - 1]) ? this.addRow() : rows[rows.length - 1];
    this.moveTo(row, column);
  }

  moveTo(row, column) {
    if (row) focus(this.cells(row)[column]);
  }

  fillFromAbove(line, column) {
    if (line === 0) return;
    const cell = this.cells(this.rows()[line])[column];
    this.remember();
    set(cell, this.cells(this.rows()[line - 1])[column].value);
    this.changed();
  }

  fillBelow(line, column) {
    const rows = this.rows();
    const { value } = this.cells(rows[line])[column];
    const blank = rows.slice(line + 1).filter((row) => this.isBegun(row) && !this.cells(row)[column].value.trim());
    if (!blank.length) return;
    this.remember();
    for (const row of blank) set(this.cells(row)[column], value);
    this.say(word("gridFilled", { count: grouped(String(blank.length)) }), true);
    this.changed();
  }

  remove(row) {
    const line = this.rows().indexOf(row);
    this.remember();
    if (this.body.rows.length > 1) row.remove();
    else for (const cell of row.querySelectorAll("input, select")) cell.value = "";
    this.renumber();
    this.moveTo(this.rows()[Math.min(line, this.body.rows.length - 1)], 0);
    this.say(word("gridRemoved", { row: line + 1 }), true);
    this.changed();
  }

  onPaste(event) {
    const cell = event.target;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!cell.matches?.(CELLS) || !/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return;
    event.preventDefault();
    const { row: into, line, column } = this.placeOf(cell);
    const { rows: block, told } = arranged(readBlock(text), this.cells(into).slice(column).map(kindOf));
    if (line + block.length > this.countMax) {
      this.say(word("gridFull", { max: grouped(String(this.countMax)) }));
      return;
    }
    this.remember();
    let spare = 0;
    let unknown = 0;
    const rows = this.rows();
    for (const [offset, values] of block.entries()) {
      const row = rows[line + offset] ?? this.addRow();
      const cells = this.cells(row).slice(column);
      for (const [index, value] of values.entries()) {
        if (cells[index] && value !== undefined && !set(cells[index], value)) unknown += 1;
      }
      spare = Math.max(spare, values.slice(cells.length).filter((value) => value?.trim()).length);
    }
    const said = [word("gridPasted", { count: grouped(String(block.length)) })];
    if (told.head) said.push(word("gridHead"));
    if (told.total) said.push(word("gridSum"));
    if (spare) said.push(word("gridSpare", { count: spare }));
    if (unknown) said.push(word("gridUnknown", { count: unknown }));
    this.say(said.join(" "), true);
    this.changed();
  }

  // Undoing puts back the rows as they were, with what stood in them.
  remember() {
    this.undoing = this.rows().map((row) => [row, this.cells(row).map((cell) => cell.value)]);
  }

  undo() {
    if (!this.undoing) return;
    this.body.replaceChildren(...this.undoing.map(([row]) => row));
    for (const [row, values] of this.undoing) this.cells(row).forEach((cell, index) => { cell.value = values[index]; });
    this.undoing = null;
    this.renumber();
    this.say(word("gridUndone"));
    this.changed();
  }

  renumber() {
    for (const [line, row] of this.rows().entries()) number(row, line + 1);
  }

  changed() {
    if (this.counting) return;
    this.counting = requestAnimationFrame(() => {
      this.counting = 0;
      const found = this.recount();
      this.table.dispatchEvent(new CustomEvent("grid:change", { bubbles: true, detail: found }));
    });
  }

  declared() {
    return ["gridDeclaredCount", "gridDeclaredTotal"].map((name) => document.getElementById(this.table.dataset[name] ?? ""));
  }

  // Count what was begun and add up what can be read; say how far both are from what was declared.
  recount() {
    let count = 0;
    let total = 0;
    let unreadable = 0;
    for (const row of this.rows()) {
      if (!this.isBegun(row)) continue;
      count += 1;
      const input = row.querySelector("[data-grid-sum]");
      const amount = input && input.value.trim() ? amountOf(input.value) : 0;
      if (amount === null) unreadable += 1;
      else total += amount;
    }
    const [declaredCount, declaredTotal] = this.declared();
    this.show("count", grouped(String(count)), difference(declaredCount, count));
    this.show("total", `${grouped(String(total))}\u00a0đ`, difference(declaredTotal, total));
    const odd = this.box.querySelector("[data-grid-unreadable]");
    if (odd) odd.textContent = unreadable ? word("gridUnreadable", { count: unreadable }) : "";
    return { count, total, unreadable };
  }

  show(name, text, apart) {
    const place = this.box.querySelector(`[data-grid-${name}]`);
    if (!place) return;
    place.querySelector("[data-value]").textContent = text;
    const said = place.querySelector("[data-apart]");
    place.dataset.state = apart === null ? "" : apart === 0 ? "even" : "apart";
    const amount = apart === null ? "" : grouped(String(Math.abs(apart)));
    const unit = name === "total" ? "\u00a0đ" : "";
    said.textContent = apart === null ? "" : apart === 0 ? word("gridEven") : word(apart > 0 ? "gridShort" : "gridOver", { amount: amount + unit });
  }

  say(text, canUndo = false) {
    clearTimeout(this.saying);
    const place = this.box.querySelector("[data-grid-said]");
    this.box.querySelector("[data-grid-undo]").hidden = !canUndo;
    place.textContent = "";
    this.saying = setTimeout(() => { place.textContent = text; }, SAID_MS);
  }
}

// How much is lacking of what was declared; null where nothing was, or nothing that can be read.
function difference(input, found) {
  const declared = input?.value.trim() ? amountOf(input.value) : null;
  return declared === null ? null : declared - found;
}

function number(row, position) {
  row.querySelector("[data-grid-number]").textContent = position;
}

function focus(cell) {
  if (!cell) return;
  cell.focus();
  cell.select?.();
}

// What was chosen with a name is of that name alone.
function untie(cell) {
  const tie = cell.closest("tr").querySelector('input[type="hidden"][name$=".person"]');
  if (tie) tie.value = "";
}

// Write a value into a cell; false where it is none of a cell's choices.
function set(cell, value) {
  if (cell.tagName !== "SELECT") {
    cell.value = value.trim();
    if (cell.matches("[data-suggest]")) untie(cell);
    if (cell.matches("[data-amount]")) group(cell);
    return true;
  }
  const wanted = value.trim().toLowerCase();
  const option = [...cell.options].find((each) => [each.value, each.text].some((text) => text.trim().toLowerCase() === wanted));
  if (option) cell.value = option.value;
  return option !== undefined;
}

function kindOf(cell) {
  if (cell.tagName === "SELECT") return "select";
  return cell.matches("[data-grid-sum]") ? "amount" : "text";
}

// Read a block as spreadsheets copy it: tabs and lines, a cell with either in it between quotation marks.
export function readBlock(text) {
  const rows = [[]];
  let at = 0;
  while (at <= text.length) {
    let value = "";
    if (text[at] === '"' && isQuoted(text, at)) {
      at += 1;
      while (at < text.length && !(text[at] === '"' && text[at + 1] !== '"')) {
        value += text[at];
        at += text[at] === '"' ? 2 : 1;
      }
      at += 1;
    } else {
      while (at < text.length && !"\t\r\n".includes(text[at])) value += text[at++];
    }
    rows[rows.length - 1].push(value.replace(/\s*\r?\n\s*/g, " "));
    if (at >= text.length) break;
    if (text[at] === "\t") at += 1;
    else {
      at += text[at] === "\r" && text[at + 1] === "\n" ? 2 : 1;
      if (at >= text.length) break;
      rows.push([]);
    }
  }
  return rows;
}

// A name may begin with a quotation mark too; only a mark that is closed before a tab or a line's end encloses a cell.
function isQuoted(text, at) {
  return /^"(?:[^"]|"")*"(?=[\t\r\n]|$)/.test(text.slice(at));
}

startGrids(document);
document.addEventListener("desk:shown", (event) => startGrids(event.target));
