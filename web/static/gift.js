// The form of one gift: names are suggested, and the amount says in which currency it is.
import { startSuggestions } from "./suggest.js";

function start(root) {
  startSuggestions(root);
  for (const select of root.querySelectorAll("[data-account]")) {
    const unit = select.form.querySelector("[data-amount]")?.closest(".affix")?.querySelector(".suffix");
    const show = () => {
      const { currency } = select.selectedOptions[0]?.dataset ?? {};
      if (unit && currency) unit.textContent = currency === "VND" ? "đ" : currency;
    };
    select.addEventListener("change", show);
    show();
  }
}

start(document);
document.addEventListener("desk:shown", (event) => start(event.target));
