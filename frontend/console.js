// The console's script: htmx, and what our own pages add to their elements. Nothing here is needed to use a page.

import "htmx.org";

import "./src/confirm.js";
import "./src/copy.js";
import "./src/filters.js";
import "./src/keys.js";
import "./src/moments.js";
import "./src/onward.js";
import "./src/palette.js";
import "./src/rooms.js";
import "./src/pasted.js";
import "./src/sending.js";
import "./src/table.js";
import "./src/tail.js";
