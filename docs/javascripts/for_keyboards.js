/* What the theme leaves out for readers without a mouse or a screen: its search has no name, and a table wider than the
   page cannot be scrolled by key. The theme has wrapped its tables by the time everything is loaded. */
addEventListener("load", () => {
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search")
  for (const table of document.querySelectorAll(".md-typeset__scrollwrap")) table.tabIndex = 0
})
