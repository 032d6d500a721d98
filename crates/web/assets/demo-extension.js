// In the demo extension's frame: asks the page around it for session tokens, and shows what each is good for.
(function () {
  "use strict";

  var now = document.getElementById("now");
  var host = now.getAttribute("data-host");
  if (window.parent === window) return;

  window.addEventListener("message", function (event) {
    var said = event.data;
    if (event.origin !== host || !said || said.type !== "doorward:session-token") return;
    fetch("/extension/act", { method: "POST", body: new URLSearchParams({ session_token: said.session_token }) })
      .then(function (answer) {
        return answer.json();
      })
      .then(function (made) {
        now.textContent = made.scope || made.error;
      });
  });
  window.parent.postMessage({ type: "doorward:session-token-wanted" }, host);
})();
