// The GraphQL Explorer's island: GraphiQL with its field tree, and what the console adds to it. The page around it is the
// server's (console/templates/console/graphql.html), and says all that this needs to know. How a document travels in a
// link, `#query=…&variables=…&operation=…`, is told in src/explorer/shared.js.

import { createRoot } from "react-dom/client";

import { App } from "./src/explorer/app.jsx";
import "./src/explorer/look.css";

const place = document.getElementById("explorer");
if (place) createRoot(place).render(<App given={{ ...place.dataset }} />);
