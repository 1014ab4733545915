// The words of a box of scopes, however they were typed or pasted: as the server takes them apart (pages/selection.py).

const BETWEEN = /[\s,;"'[\]]+/;

/** Each once, in their order. */
export const wordsOf = (text) => [...new Set(text.split(BETWEEN).filter(Boolean))];
