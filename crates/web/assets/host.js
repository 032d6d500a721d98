// For a page that shows an extension in a frame: hands to it what it asks for, and to nobody else.
//
//   import { host } from "https://id.example/assets/host.js";
//   host(document.querySelector("iframe"), {
//     issuer: "https://id.example",
//     extension: "https://invoices.example",
//     signInTicket: (wanted) => ask("/my-backend/sign-in-ticket", wanted),
//     sessionToken: () => ask("/my-backend/session-token"),
//   });
//
// Both functions return (a promise of) what the admin API answered: { sign_in_ticket } and { session_token, expires_in }. The extension asks
// by postMessage({ type: "doorward:session-token-wanted" }, origin of this page) to the page around it, and is answered by
// { type: "doorward:session-token", session_token, expires_in }, again and again before each ends. What is returned stops it all.

// Seconds until another try, where a session token could not be had.
const RETRY_S = 20;

export function host(frame, { issuer, extension, signInTicket, sessionToken }) {
  const atIssuer = new URL(issuer).origin;
  const atExtension = new URL(extension).origin;
  let renewal;
  // Counts the wishes for a session token: an answer to an earlier one, or after the end, is dropped.
  let asked = 0;
  let isStopped = false;

  // Whether a window is the frame's, or stands in it.
  function isInside(window_) {
    for (let it = window_; it && it !== it.parent; it = it.parent) {
      if (it === frame.contentWindow) return true;
    }
    return false;
  }

  async function answerSignIn(to, wanted) {
    const made = await signInTicket(wanted);
    if (made && !isStopped) to.postMessage({ type: "doorward:sign-in-ticket", ticket: made.sign_in_ticket }, atIssuer);
  }

  async function answerSession(to) {
    clearTimeout(renewal);
    const mine = ++asked;
    let next = RETRY_S;
    try {
      const made = await sessionToken();
      if (mine !== asked || !made) return;
      const { session_token, expires_in } = made;
      to.postMessage({ type: "doorward:session-token", session_token, expires_in }, atExtension);
      if (expires_in > 0) next = Math.max(expires_in - 15, 5);
    } catch (problem) {
      failed(problem);
    }
    if (mine === asked) renewal = setTimeout(() => answerSession(to), next * 1000);
  }

  function failed(problem) {
    console.error("doorward: nothing could be handed to the frame", problem);
  }

  function said(event) {
    if (!event.data || !isInside(event.source)) return;
    const { type, extension, installation, context } = event.data;
    if (type === "doorward:sign-in-wanted" && event.origin === atIssuer && signInTicket) {
      answerSignIn(event.source, { extension, installation, context }).catch(failed);
    }
    if (type === "doorward:session-token-wanted" && event.origin === atExtension && sessionToken) {
      answerSession(event.source);
    }
  }

  window.addEventListener("message", said);
  return () => {
    window.removeEventListener("message", said);
    isStopped = true;
    asked += 1;
    clearTimeout(renewal);
  };
}
