// Ctrl-K: the page of the search as a dialog over the page one is on. Found while one types, chosen with the arrows.

const WAIT_MS = 150;

export function openJumps(root) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-jump]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
}

async function open(link) {
  if (document.querySelector("dialog.jump-box")) return;
  let page;
  try {
    page = await read(await fetch(link.href));
  } catch {
    location.assign(link.href);
    return;
  }
  const form = page.querySelector("form[role=search]");
  const found = page.querySelector("#jump-found");
  if (!form || !found) {
    location.assign(link.href);
    return;
  }
  const dialog = document.createElement("dialog");
  dialog.className = "jump-box";
  dialog.setAttribute("aria-label", page.querySelector("h1").textContent);
  found.setAttribute("aria-live", "polite");
  dialog.append(form, found);
  document.body.append(dialog);
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
    if (!typed) return found.replaceChildren();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams({ q: typed }) });
      const page = await read(answer);
      if (turn === asked) found.replaceChildren(...page.querySelector("#jump-found").childNodes);
    } catch {
      if (turn === asked) form.submit();
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, WAIT_MS);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    await look();
    found.querySelector("a")?.click();
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

async function read(answer) {
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
