// What the pages of the documentation load, wherever they stand. Nothing here is needed to read them.

import "./src/copy.js";
import "./src/docs/reading.js";
import "./src/docs/search.js";
import "./src/docs/trying.js";
