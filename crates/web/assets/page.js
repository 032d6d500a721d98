// Niceties of the pages; every page does its work without them.
(function () {
  "use strict";

  function each(selector, visit) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), visit);
  }

  // A response that travels by POST goes on by itself. A field named "submit" would hide the method.
  each("form[data-send]", function (form) {
    HTMLFormElement.prototype.submit.call(form);
  });

  // Show and hide a password. It is hidden again before it is sent, so that it is not remembered as text.
  each("button[data-reveal]", function (button) {
    var input = button.parentNode.querySelector("input");
    function show(visible) {
      input.type = visible ? "text" : "password";
      button.textContent = button.getAttribute(visible ? "data-hide" : "data-show");
    }
    button.setAttribute("aria-controls", input.id);
    button.hidden = false;
    button.addEventListener("click", function () {
      show(input.type === "password");
      input.focus();
    });
    input.form.addEventListener("submit", function () {
      show(false);
    });
  });

  // Times in the reader's own time zone, written as in their country where they read this language.
  var language = document.documentElement.lang;
  if (navigator.language && navigator.language.split("-")[0] === language) {
    language = navigator.language;
  }
  each("time[datetime]", function (time) {
    var moment = new Date(time.getAttribute("datetime"));
    try {
      var words = new Intl.DateTimeFormat(language, {
        dateStyle: "long",
        timeStyle: "short"
      }).format(moment);
      time.title = time.textContent;
      time.textContent = words;
    } catch (unsupported) {
      // The time in UTC stays.
    }
  });

  // Copy the details of an error for whoever helps.
  each("button[data-copy]", function (button) {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      var lines = [];
      each("#" + button.getAttribute("data-copy") + " > div", function (row) {
        lines.push(row.querySelector("dt").textContent + ": " + row.querySelector("dd").textContent);
      });
      navigator.clipboard.writeText(lines.join("\n")).then(function () {
        button.textContent = button.getAttribute("data-done");
      });
    });
  });
})();
