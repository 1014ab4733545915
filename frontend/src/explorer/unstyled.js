// In place of react-style-singleton, which writes <style> elements: our policy lets no style stand in a page. What they
// would have said (the page below an open dialog does not scroll) is said in look.css.

export const styleSingleton = () => () => null;
