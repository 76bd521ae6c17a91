// A list that is searched while one types: form[data-search="#list"] is sent after each pause, and its list put in place.

const WAIT_MS = 200;

function listen(form, list) {
  let waiting = 0;
  let asked = 0;
  const look = async () => {
    const turn = (asked += 1);
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (!answer.ok || answer.redirected) return form.submit();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.querySelector(form.dataset.search);
      if (turn === asked && next) list.replaceChildren(...next.childNodes);
    } catch {
      // The line is cut: the button is still there.
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, WAIT_MS);
  });
}

for (const form of document.querySelectorAll("form[data-search]")) {
  const list = document.querySelector(form.dataset.search);
  if (!list) continue;
  list.setAttribute("aria-live", "polite");
  listen(form, list);
}
