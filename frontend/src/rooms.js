// The navigation, where it is a strip: the page that one is on is in view.

document.querySelector(".rooms [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
