// A page opened with a selection keeps it for the others; one opened without leads on with the last one.

import { carry, remembered } from "./carried.js";

const here = new URL(location.href).searchParams.getAll("scope").join(" ").trim();
const text = here || remembered();
if (text && document.querySelector(".rooms a[data-carries]")) carry(text);
