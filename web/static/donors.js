// Suggest who gives in a list that is typed: a line's suggestions begin when its name has the focus, as there are
// thousands of lines and one is typed at a time.
import { suggestFor } from "./suggest.js";

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("table[data-grid] input[data-suggest]")) suggestFor(event.target);
});
