// In a frame that nobody is signed in to: asks the page around it for a sign-in ticket, and hands one in that comes from a page which may.
(function () {
  "use strict";

  var form = document.querySelector("form[data-extension]");
  var origins = form.getAttribute("data-origins").split(" ").concat(window.location.origin);
  var isHandedIn = false;

  window.addEventListener("message", function (event) {
    var said = event.data;
    if (origins.indexOf(event.origin) < 0 || isHandedIn) return;
    if (!said || said.type !== "doorward:sign-in-ticket" || typeof said.ticket !== "string") return;
    isHandedIn = true;
    form.elements.ticket.value = said.ticket;
    form.submit();
  });

  // After a ticket that did not work nobody is asked for another by itself: that would go round for ever.
  if (!form.hasAttribute("data-wants")) return;
  var wanted = {
    type: "doorward:sign-in-wanted",
    extension: form.getAttribute("data-extension"),
    installation: form.getAttribute("data-installation"),
    context: form.getAttribute("data-context")
  };
  // It is no secret; whoever is around the frame was named in its headers.
  [window.parent, window.top].forEach(function (around, at, all) {
    if (around !== window && all.indexOf(around) === at) around.postMessage(wanted, "*");
  });
})();
