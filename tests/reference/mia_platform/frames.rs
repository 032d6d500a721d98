//! The sequence inside a frame of a host page (MIA-14): our cookie is not sent there, so a page around it hands in a ticket.

use doorward_tests::{ALICE, Browser, Page, Reply, claims};
use serde_json::json;

use super::{AUTHZ, console, redeem};
use crate::reference::Speaker;

const IN_FRAME: [(&str, &str); 3] =
    [("sec-fetch-dest", "iframe"), ("sec-fetch-mode", "navigate"), ("sec-fetch-site", "cross-site")];

async fn framed(at: &Speaker, frame: &Browser<'_>, path: &str) -> Reply {
    frame.send("GET", &format!("{}{path}", at.mount), &IN_FRAME, "").await
}

/// The ticket that a window of ours makes, in which somebody is signed in.
async fn ticket(at: &Speaker, browser: &Browser<'_>, installation: &str) -> String {
    let account = Page::of(at.get(browser, "/account").await);
    let form = account.field("form").expect("a form has a token").to_owned();
    let path = format!("{}/account/installations/{installation}/sign-in-ticket", at.mount);
    browser.post(&path, &[("form", &form)]).await.text("sign_in_ticket")
}

/// What the page that waits leads to, at the issuer.
fn below(at: &Speaker, address: &str) -> String {
    let address = address.replace("&#38;", "&");
    let origin = format!("https://id.example{}", at.mount);
    address.strip_prefix(&origin).unwrap_or_else(|| panic!("elsewhere: {address}")).to_owned()
}

#[tokio::test]
async fn mia_14_a_frame_is_signed_in_by_a_ticket_and_ends_at_the_callback() {
    for path in [AUTHZ, "/oauth/authorize?tenantId=acme&extensionId=x1&state=st-1"] {
        let (at, of) = console().await;
        let browser = at.signed_in(ALICE).await;
        let frame = at.app.browser();
        let reply = framed(&at, &frame, path).await;
        assert_eq!((reply.status, reply.header("location")), (200, None), "{}", reply.body);
        let policy = reply.header("content-security-policy").expect("a policy").to_owned();
        assert!(policy.contains("frame-ancestors 'self' https://host.example"), "{policy}");
        // The link that leaves the frame, to sign in beside it.
        assert!(reply.body.contains("target=\"_blank\""), "{}", reply.body);
        let page = Page::of(reply);
        let made = ticket(&at, &browser, of.id.as_str()).await;
        let handed = below(&at, &page.action);
        let reply = frame.post(&format!("{}{handed}", at.mount), &[("ticket", &made)]).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        let cookie = reply.header("set-cookie").expect("a cookie").to_owned();
        for attribute in ["SameSite=None", "Secure", "Partitioned"] {
            assert!(cookie.split("; ").any(|part| part == attribute), "{attribute}: {cookie}");
        }
        let back = framed(&at, &frame, &below(&at, &reply.location())).await;
        assert!(back.location().starts_with("https://x1.example/callback?code="), "{}", back.location());
        assert_eq!(back.param("state").as_deref(), Some("st-1"));
        let body = json!({ "code": back.param("code").expect("a code"), "state": "st-1" });
        let tokens = redeem(&at, body).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        assert_eq!(claims(&tokens.text("accessToken"))["user"]["name"], json!("alice Adams"));
        // From now on by the cookie of the frame alone.
        assert!(framed(&at, &frame, path).await.param("code").is_some());
        // The ticket is spent, and another frame has nothing of it.
        let other = at.app.browser();
        let again = other.post(&format!("{}{handed}", at.mount), &[("ticket", &made)]).await;
        assert_eq!((again.status, again.header("set-cookie")), (400, None), "{}", again.body);
    }
}

/// What is not to be signed in to is a page in a frame too, and nobody is sent anywhere.
#[tokio::test]
async fn mia_14_a_frame_of_what_is_not_there_ends_at_a_page() {
    let (at, _) = console().await;
    let frame = at.app.browser();
    for path in ["/tenants/acme/extension/nothing/authz?state=s", "/tenants/acme/extension/x1/authz"] {
        let reply = framed(&at, &frame, path).await;
        assert!(reply.status >= 400 && reply.header("location").is_none(), "{path}: {}", reply.body);
    }
}
