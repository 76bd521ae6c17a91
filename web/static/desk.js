// What every page of the desk runs. Each part only makes quicker what works without it.
import { groupAmounts } from "./amount.js";
import { listenForKeys } from "./keys.js";

groupAmounts(document);
listenForKeys(document);
