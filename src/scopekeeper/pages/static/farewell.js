/* Goes on where the page's link leads, when all frames have loaded or after three seconds; where scripts are off, one
   follows the link. A frame delays the page's own load until it has loaded, or was refused. */
const onward = document.querySelector("a[data-onward]");
const goOn = () => location.replace(onward.href);
if (onward) {
  addEventListener("load", goOn, { once: true });
  setTimeout(goOn, 3000);
}
