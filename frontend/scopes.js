import "./src/scopes/page.js";
