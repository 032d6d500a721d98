// Around a frame of ours: opens the extension in it, and hands to it what it asks for.
import { host } from "./host.js";

const frame = document.querySelector("iframe[data-issuer]");
const form = document.querySelector("form[data-shown]");
const { issuer, installation, extension } = frame.dataset;

async function ask(what) {
  const address = `${new URL(issuer).pathname.replace(/\/$/, "")}/account/installations/${installation}/${what}`;
  const answer = await fetch(address, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!answer.ok) throw new Error(`${what}: ${answer.status}`);
  return answer.json();
}

host(frame, { issuer, extension, signInTicket: () => ask("sign-in-ticket"), sessionToken: () => ask("session-token") });
form.submit();
