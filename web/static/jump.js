// Ctrl-K: the search as a dialog over the page one is on. Found while one types, chosen with the arrows.

const WAIT_MS = 150;

export function openJumps(root) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-jump]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
}

// The field stands in the page already: who is quick types before any answer could come.
function open() {
  const box = document.getElementById("jump-box");
  if (!box || document.querySelector("dialog.jump-box")) return;
  const dialog = document.createElement("dialog");
  dialog.className = "jump-box";
  dialog.setAttribute("aria-label", box.content.querySelector("label").textContent);
  const found = document.createElement("div");
  found.className = "found";
  found.setAttribute("aria-live", "polite");
  dialog.append(box.content.cloneNode(true), found);
  document.body.append(dialog);
  const form = dialog.querySelector("form");
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  listen(dialog, form, found);
  dialog.showModal();
  form.elements.q.focus();
}

function listen(dialog, form, found) {
  let waiting = 0;
  let asked = 0;
  const look = async () => {
    const turn = (asked += 1);
    const typed = form.elements.q.value.trim();
    const page = typed ? await read(fetch(form.action, { method: "POST", body: new URLSearchParams({ q: typed }) })) : null;
    if (turn === asked) found.replaceChildren(...(page?.querySelector("#jump-found").childNodes ?? []));
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => look().catch(() => {}), WAIT_MS);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    try {
      await look();
      found.querySelector("a")?.click();
    } catch {
      form.submit(); // and the page, or whatever stands in its way, says why
    }
  });
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const places = [form.elements.q, ...found.querySelectorAll("a")];
    const next = places[places.indexOf(document.activeElement) + step];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });
}

async function read(asking) {
  const answer = await asking;
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
