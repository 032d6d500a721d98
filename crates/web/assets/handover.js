// In the window that a frame opened: gets a ticket, hands it to that frame, and is done.
(function () {
  "use strict";

  var form = document.querySelector("form[data-handover]");
  var buttons = form.querySelectorAll("button");

  function show(id) {
    form.hidden = true;
    document.getElementById(id).hidden = false;
  }

  function handOver(button) {
    fetch(button.getAttribute("data-ticket"), { method: "POST", body: new URLSearchParams(new FormData(form)) })
      .then(function (answer) {
        return answer.ok ? answer.json() : Promise.reject(answer);
      })
      .then(function (made) {
        window.opener.postMessage({ type: "doorward:sign-in-ticket", ticket: made.sign_in_ticket }, window.location.origin);
        window.close();
      })
      .catch(function () {
        show("refused");
      });
  }

  // Whether a page of ours opened this one: nothing is asked for where somebody else did.
  function isFromUs() {
    try {
      return window.opener.location.origin === window.location.origin;
    } catch (elsewhere) {
      return false;
    }
  }

  // After a sign-in in this window the browser has forgotten who opened it. The next one is opened by somebody who is signed in.
  if (!isFromUs()) {
    show("alone");
    return;
  }
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    handOver(event.submitter || buttons[0]);
  });
  if (buttons.length === 1) {
    form.hidden = true;
    handOver(buttons[0]);
  }
})();
