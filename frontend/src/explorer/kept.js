// What the browser keeps for the explorer: documents, variables, tabs, history and how wide the panes are, for each
// person by themselves. Never a header, and nothing that looks like a secret of ours, wherever it was typed; nor a PIN.

// The head of a token is short: without that bound a long text that looks like many heads would take minutes.
const SECRET = /skpr_[a-z]{2}_[0-9A-Za-z]+|eyJ[\w-]{8,1000}\.[\w-]+\.[\w-]+/g;
// `pin: "8350"` in a document, `"pin": "8350"` in variables, and either as text within other JSON.
const PIN = /(\bpin(?:\\*")?(?:\s|\\+[nt])*:(?:\s|\\+[nt])*(?:String!? *= *)?(?:\\*")+)[^"\\]+/gi;
const withoutHeaders = (key, value) => (key === "headers" ? null : value);

/** A Storage for GraphiQL. */
export function keptFor(person) {
  const prefix = `explorer:${person}:`;
  const mine = () => Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  return {
    get length() {
      return mine().length;
    },
    getItem: (key) => localStorage.getItem(prefix + key),
    removeItem: (key) => localStorage.removeItem(prefix + key),
    clear: () => mine().forEach((key) => localStorage.removeItem(key)),
    setItem(key, value) {
      if (/:headers$/.test(key)) return; // what the headers editor holds
      localStorage.setItem(prefix + key, clean(value));
    },
  };
}

function clean(value) {
  let text = value;
  try {
    text = JSON.stringify(JSON.parse(value, withoutHeaders));
  } catch {
    // A document, not JSON.
  }
  return text.replace(SECRET, "(not kept)").replace(PIN, "$1(not kept)");
}
