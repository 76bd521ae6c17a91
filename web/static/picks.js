// Choosing requests: the button says how many are chosen, and one link chooses all without asking the server.

const form = document.querySelector("form.picks");
const boxes = [...(form?.querySelectorAll(".pick input") ?? [])];
const button = form?.querySelector("[data-pick-count]");
const all = document.querySelector("[data-pick-all]");

function tell() {
  const count = boxes.filter((box) => box.checked).length;
  button.textContent = button.dataset.pickCount.replace("{count}", count);
}

if (button) {
  form.addEventListener("change", tell);
  window.addEventListener("pageshow", tell); // what was chosen is there again when one comes back
}
all?.addEventListener("click", (event) => {
  event.preventDefault();
  const isEvery = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !isEvery;
  tell();
});
