// Where tokens come in the fragment of the address: hands it to the demo application, and takes it out of the address.
(function () {
  "use strict";

  var form = document.getElementById("fragment");
  var answer = window.location.hash.slice(1);
  if (!answer) return;
  window.history.replaceState(null, "", window.location.pathname);
  form.elements.answer.value = answer;
  form.submit();
})();
