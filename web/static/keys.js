// Keys of the desk: Ctrl-Enter sends the form one is in, Ctrl-K opens the way to anywhere, Escape closes a menu.

export function listenForKeys(root) {
  root.addEventListener("keydown", (event) => {
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (isCommand && event.key === "Enter") {
      const form = event.target.closest?.("form[data-form]");
      if (form) {
        event.preventDefault();
        form.querySelector("[data-submit]")?.click();
      }
    } else if (isCommand && event.key.toLowerCase() === "k") {
      const jump = root.querySelector("[data-jump]");
      if (jump) {
        event.preventDefault();
        jump.click();
      }
    } else if (event.key === "Escape") {
      const menu = event.target.closest?.("details.menu[open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
  });
  // One menu at a time, and none once something else is clicked.
  root.addEventListener("click", (event) => {
    for (const menu of root.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  root.addEventListener("focusout", (event) => {
    const menu = event.target.closest?.("details.menu[open]");
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
}
