// Put what was copied from a spreadsheet into the columns it belongs to: pure.
//
// A village's list comes as STT, name, amount, with a title row and a sum below it. Numbering is left out; so are title
// and sum, which is told; and the one column of amounts goes where amounts go. What is not such a list stays as it is.
import { amountOf } from "./amount.js";

const HEAD_OF_NUMBERS = /^(?:stt|s? ?tt|so tt|no\.?|#)$/;
const HEAD_OF_AMOUNT = /tien|amount/;
const TOTAL = /^(?:tong|cong|total)/;
const NUMBERED_MIN = 2;
const AMOUNTS_SHARE = 0.8;

function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase().replace(/\s+/g, " ").trim();
}

// The đồng of a cell; what begins with 0 is somebody's telephone.
function amountIn(cell) {
  return /^0[0-9]/.test(cell.trim()) ? null : amountOf(cell);
}

function columnOf(rows, index) {
  return rows.map((row) => (row[index] ?? "").trim());
}

function isNumbering(rows) {
  const cells = columnOf(rows, 0);
  const hasHead = HEAD_OF_NUMBERS.test(folded(cells[0]));
  const numbers = cells.slice(hasHead ? 1 : 0).filter((cell) => cell !== "");
  const isCounted = numbers.every((cell, index) => /^[0-9]{1,4}$/.test(cell) && Number(cell) === Number(numbers[0]) + index);
  return isCounted && (hasHead ? numbers.length > 0 : numbers.length >= NUMBERED_MIN && Number(numbers[0]) === 1);
}

// The one column of amounts; null where there is none, or nobody can tell which.
function amountColumn(rows) {
  const found = [];
  for (let index = 0; index < Math.max(...rows.map((row) => row.length)); index += 1) {
    const cells = columnOf(rows, index).filter((cell) => cell !== "");
    const read = cells.filter((cell) => amountIn(cell) !== null).length;
    if (read && read >= (cells.length - 1) * AMOUNTS_SHARE) found.push(index);
  }
  const named = found.filter((index) => HEAD_OF_AMOUNT.test(folded(rows[0][index] ?? "")));
  if (found.length > 1 && named.length === 1) return named[0];
  return found.length === 1 ? found[0] : null;
}

// `kinds` are those of our columns from the one pasted into. An `undefined` value is of a cell that nothing was said about.
export function arranged(block, kinds) {
  const told = { head: false, total: false };
  let rows = block.filter((row) => row.some((cell) => cell.trim() !== ""));
  if (!rows.length || Math.max(...rows.map((row) => row.length)) === 1) return { rows: block, told };
  if (isNumbering(rows)) rows = rows.map((row) => row.slice(1));
  const at = amountColumn(rows);
  if (at === null) return { rows, told };
  if (rows.length > 1 && (rows[0][at] ?? "").trim() !== "" && amountIn(rows[0][at]) === null && isHead(rows[0], at)) {
    rows = rows.slice(1);
    told.head = true;
  }
  if (rows.length > 1 && TOTAL.test(folded(rows.at(-1).find((cell) => cell.trim() !== "") ?? ""))) {
    rows = rows.slice(0, -1);
    told.total = true;
  }
  const ours = kinds.indexOf("amount");
  return { rows: ours > at ? rows.map((row) => moved(row, at, ours)) : rows, told };
}

// A title row has letters where the others have amounts, and says what they are.
function isHead(row, at) {
  return HEAD_OF_AMOUNT.test(folded(row[at]));
}

// The amount goes to its column; what stands before it stays where it is.
function moved(row, at, ours) {
  const found = Array(ours).fill(undefined);
  row.slice(0, at).forEach((cell, index) => {
    found[index] = cell;
  });
  return [...found, ...row.slice(at)];
}
