// What every page of the desk runs. Each part only makes quicker what works without it.
import { groupAmounts, listenForAmounts } from "./amount.js";
import { saveDrafts } from "./autosave.js";
import { openJumps } from "./jump.js";
import { listenForKeys } from "./keys.js";
import { keepForms } from "./unsaved.js";

listenForAmounts(document);
listenForKeys(document);
openJumps(document);
keepForms(document);
saveDrafts(document);
groupAmounts(document);
document.addEventListener("desk:shown", (event) => groupAmounts(event.target));
