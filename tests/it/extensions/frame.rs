//! Sign-in inside a frame: a ticket that works once, a cookie of the frame's own, and nothing that is asked there.

use std::collections::BTreeMap;

use doorward_core::Effect;
use doorward_core::model::{Client, ConsentPolicy, EventKind, SecondFactor};
use doorward_tests::concurrent::{at_once, nodes};
use doorward_tests::extended::{CUSTOMER, Installed, P1, P2, X1, X2};
use doorward_tests::{
    ALICE, BOB, Browser, Page, RS1, Reply, T1, TestApp, basic, claims, encode, request, secret_of, user_id,
};
use serde_json::json;

use crate::admin::Admin;

const SCOPES: &str = "openid profile rs1:read rs1:write";
const AUTHORIZE: &str = "/extensions/x1/authorize?state=s";
const IN_FRAME: [(&str, &str); 1] = [("sec-fetch-dest", "iframe")];

/// The extension that is installed, and a browser in which somebody is signed in who belongs there.
async fn installed(app: &TestApp) -> (Installed, Browser<'_>) {
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    (of, browser)
}

/// A request that a frame makes: its browser sends its own cookies only.
async fn framed(frame: &Browser<'_>, target: &str) -> Reply {
    frame.send("GET", target, &IN_FRAME, "").await
}

/// What a window of ours, in which somebody is signed in, asks for.
async fn ask(browser: &Browser<'_>, of: &Installed) -> Reply {
    let account = Page::of(browser.get("/account").await);
    let form = account.field("form").expect("a form has a token").to_owned();
    browser.post(&format!("/account/installations/{}/sign-in-ticket", of.id), &[("form", &form)]).await
}

async fn ticket(browser: &Browser<'_>, of: &Installed) -> String {
    let made = ask(browser, of).await;
    assert_eq!((made.status, made.json()["expires_in"].as_i64()), (200, Some(60)), "{}", made.body);
    made.text("sign_in_ticket")
}

/// Whether it is the page that waits for a ticket.
fn waits(reply: &Reply) -> bool {
    reply.status == 200 && reply.body.contains("data-wants")
}

fn waiting(reply: Reply) -> Page {
    assert!(waits(&reply), "{}: {}", reply.status, reply.body);
    Page::of(reply)
}

/// Whether the frame is signed in from now on.
fn is_cookie_set(reply: &Reply) -> bool {
    let set = reply.headers.get_all("set-cookie").iter();
    set.filter_map(|value| value.to_str().ok()).any(|cookie| cookie.starts_with("__Host-f-"))
}

/// Where the page that waits leads to in a window beside the frame, and sends its ticket.
fn beside(page: &Page) -> String {
    page.action.strip_prefix("https://id.example").unwrap_or(&page.action).replace("&#38;", "&")
}

/// A ticket is handed to the page that waits for it.
async fn hand_in(frame: &Browser<'_>, page: &Page, ticket: &str) -> Reply {
    frame.post(&beside(page), &[("ticket", ticket)]).await
}

/// A frame to which somebody is signed in, and a ticket that nobody handed in yet.
pub struct Framed {
    extension: String,
    cookies: BTreeMap<String, String>,
    unused: String,
}

impl Framed {
    /// By that person's own window.
    pub async fn of(app: &TestApp, user: &str, of: &Installed) -> Self {
        Self::at(app, user, of, X1).await
    }

    /// The same in the frame of that extension.
    pub async fn at(app: &TestApp, user: &str, of: &Installed, extension: &str) -> Self {
        let browser = app.browser();
        browser.sign_in(user).await;
        let (frame, extension) = (app.browser(), extension.to_owned());
        let form = [("ticket", ticket(&browser, of).await)];
        let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
        let reply = frame.post(&format!("/extensions/{extension}/frame?state=s"), &form).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        Self { extension, cookies: frame.cookies(), unused: ticket(&browser, of).await }
    }

    /// Whether neither works.
    pub async fn is_dead(&self, app: &TestApp) -> bool {
        let frame = app.browser();
        self.cookies.iter().for_each(|(name, value)| frame.set_cookie(name, value));
        let path = |last: &str| format!("/extensions/{}/{last}?state=s", self.extension);
        let is_answered = framed(&frame, &path("authorize")).await.header("location").is_some();
        let handed = app.browser().post(&path("frame"), &[("ticket", &self.unused)]).await;
        !is_answered && !is_cookie_set(&handed)
    }
}

/// A frame that is signed in, and where its request went on.
async fn signed_in<'a>(app: &'a TestApp, ticket: &str) -> (Browser<'a>, String) {
    let frame = app.browser();
    let page = waiting(framed(&frame, AUTHORIZE).await);
    let reply = hand_in(&frame, &page, ticket).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let on = there(&reply);
    (frame, on)
}

/// Where a frame goes on, at the issuer.
fn there(reply: &Reply) -> String {
    reply.location().strip_prefix("https://id.example").expect("at the issuer").to_owned()
}

async fn redeemed(app: &TestApp, reply: &Reply) -> Reply {
    assert_eq!(reply.status, 303, "{}", reply.body);
    let code = reply.param("code").unwrap_or_else(|| panic!("no code: {}", reply.location()));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", "https://x1.example/callback"),
    ];
    let authorization = basic(X1, &secret_of(X1));
    let tokens = app.post_form("/token", &form, &[("authorization", &authorization)]).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    tokens
}

#[tokio::test]
async fn a_frame_is_signed_in_by_a_ticket_and_arrives_without_a_page() {
    let app = TestApp::extended().await;
    let (of, browser) = installed(&app).await;
    let frame = app.browser();
    waiting(frame.send("GET", AUTHORIZE, &[("sec-fetch-dest", "frame")], "").await);
    let reply = framed(&frame, "/extensions/x1/authorize?state=s%20%26&nonce=n").await;
    let policy = reply.header("content-security-policy").expect("a policy").to_owned();
    assert!(policy.contains("frame-ancestors 'self' https://host.example"), "{policy}");
    assert_eq!(reply.header("x-frame-options"), None);
    assert_eq!(reply.headers.get_all("set-cookie").iter().count(), 0);
    assert!(reply.body.contains("data-origins=\"https://host.example\""), "{}", reply.body);
    let reply = hand_in(&frame, &waiting(reply), &ticket(&browser, &of).await).await;
    let cookie = reply.header("set-cookie").expect("a cookie").to_owned();
    assert!(cookie.starts_with("__Host-f-t1-"), "{cookie}");
    for attribute in ["Path=/", "HttpOnly", "SameSite=None", "Secure", "Partitioned", "Max-Age=28800"] {
        assert!(cookie.split("; ").any(|part| part == attribute), "{attribute}: {cookie}");
    }
    let on = reply.location();
    let back = framed(&frame, on.strip_prefix("https://id.example").expect("at the issuer")).await;
    assert!(back.location().starts_with("https://x1.example/callback?"), "{}", back.location());
    assert_eq!(back.param("state").as_deref(), Some("s &"));
    let tokens = redeemed(&app, &back).await;
    let said = claims(&tokens.text("access_token"));
    assert_eq!((said["sub"].as_str(), said["act"].as_str()), (Some(user_id(ALICE).as_str()), None));
    assert_eq!((said["installation"].as_str(), said["scope"].as_str()), (Some(of.id.as_str()), Some(SCOPES)));
    let id = claims(&tokens.text("id_token"));
    assert_eq!(id["nonce"], "n");
    // From now on by the cookie alone; less is had by asking for less.
    let narrow = "/authorize?response_type=code&client_id=x1&state=s&scope=openid&redirect_uri=https%3A%2F%2Fx1.example%2Fcallback";
    assert_eq!(redeemed(&app, &framed(&frame, narrow).await).await.text("scope"), "openid");
    // It hangs on the session of who handed it in.
    let access = tokens.text("access_token");
    let page = Page::of(browser.get("/account").await);
    browser.submit(&page, &[]).await;
    assert_eq!(app.introspect(RS1, &access).await.json()["active"], false);
    let page = waiting(framed(&frame, AUTHORIZE).await);
    assert!(!page.reply.body.contains("role=\"alert\""), "{}", page.reply.body);
}

/// A browser that keeps no cookie in a frame is told so; one whose cookie is dead is not.
#[tokio::test]
async fn who_keeps_no_cookie_is_told_so() {
    let app = TestApp::extended().await;
    let (of, browser) = installed(&app).await;
    let (frame, on) = signed_in(&app, &ticket(&browser, &of).await).await;
    let is_told = async |frame: &Browser<'_>| {
        let reply = framed(frame, &on).await;
        assert!(reply.status == 200 && reply.body.contains("data-origins"), "{}", reply.body);
        reply.body.contains("role=\"alert\"")
    };
    assert!(is_told(&app.browser()).await);
    app.live(&of.id, |life, now| life.disable(now)).await;
    assert!(!is_told(&frame).await);
}

/// Nothing is shown in a frame but to who is registered, and only of what lives in frames.
#[tokio::test]
async fn only_extensions_that_name_who_frames_them_are_shown_in_frames() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    app.change_extension(X1, |found| found.manifest.frame_origins.clear()).await;
    let reply = framed(&app.browser(), AUTHORIZE).await;
    assert_eq!(reply.header("x-frame-options"), Some("DENY"));
    assert!(!reply.body.contains("data-wants"));
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    assert_eq!(ask(&browser, &of).await.status, 409);
    let handed = app.browser().post("/extensions/x1/frame?state=s", &[("ticket", "dwt_x")]).await;
    assert_eq!(handed.status, 404);
    let path = format!("/account/installations/{}/frame", of.id);
    assert_eq!(browser.get(&path).await.status, 404);
    // Outside of a frame, and for who is no extension, nothing changes.
    for (headers, target) in
        [(&IN_FRAME[..], doorward_tests::authorize_target("web", &[])), (&[][..], AUTHORIZE.to_owned())]
    {
        let reply = app.browser().send("GET", &target, headers, "").await;
        assert_eq!(reply.header("x-frame-options"), Some("DENY"), "{target}");
    }
}

#[tokio::test]
async fn a_ticket_works_once_for_a_minute_in_its_extension_and_at_its_issuer() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    app.install(X2, (P1, "project/p-1"), SCOPES).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let made = ticket(&browser, &of).await;
    let refused = async |target: &str, handed: &str, reason: &str| {
        let reply = app.browser().post(target, &[("ticket", handed)]).await;
        assert!(reply.status == 400 && !is_cookie_set(&reply), "{target}: {}", reply.body);
        assert!(
            reply.body.contains("role=\"alert\"") && !reply.body.contains("data-wants"),
            "{}",
            reply.body
        );
        assert_eq!(app.recorded(reason).await, usize::from(!reason.is_empty()), "{reason}");
    };
    refused("/extensions/x2/frame?state=s", &made, "frame.wrong_extension").await;
    refused("/extensions/x1/frame?state=s", "", "").await;
    refused("/extensions/x1/frame?state=s", &made.replace("dwt_", "dwo_"), "").await;
    let last = if made.ends_with('A') { 'B' } else { 'A' };
    let other = format!("{}{last}", &made[..made.len() - 1]);
    refused("/extensions/x1/frame?state=s", &other, "").await;
    // A form that is no page of ours signs nobody in.
    let headers = [("origin", "https://evil.example"), ("content-type", "application/x-www-form-urlencoded")];
    let body = format!("ticket={made}");
    let foreign = app.browser().send("POST", "/extensions/x1/frame?state=s", &headers, &body).await;
    assert!(foreign.status == 403 && !is_cookie_set(&foreign), "{}", foreign.body);
    assert_eq!(foreign.header("x-frame-options"), None, "it is seen in the frame");
    signed_in(&app, &made).await;
    refused("/extensions/x1/frame?state=s", &made, "frame.repeated").await;
    let late = ticket(&browser, &of).await;
    app.advance_s(60);
    refused("/extensions/x1/frame?state=s", &late, "frame.expired").await;
    assert_eq!(app.recorded("frame.unknown").await, 0, "nobody knows of whom that would be told");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_frames_with_one_ticket_one_is_signed_in() {
    let app = TestApp::extended().await;
    let (of, browser) = installed(&app).await;
    for _ in 0..10 {
        let made = ticket(&browser, &of).await;
        let headers =
            [("origin", "https://id.example"), ("content-type", "application/x-www-form-urlencoded")];
        let body = encode(&[("ticket", &made)]);
        let sent = || request("POST", "/extensions/x1/frame?state=s", &headers, &body);
        let replies = at_once(&nodes(&app).await, (0..4).map(|_| sent()).collect()).await;
        let won = replies.iter().filter(|reply| reply.status == 303).count();
        assert_eq!(won, 1, "{:?}", replies.iter().map(|reply| reply.status).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_frames_cookie_is_for_one_installation_and_no_session() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let elsewhere = app.install(X1, (CUSTOMER, "customer/c-1"), SCOPES).await;
    app.install(X2, (P1, "project/p-1"), SCOPES).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let (frame, on) = signed_in(&app, &ticket(&browser, &of).await).await;
    assert!(on.contains(&format!("installation={}", of.id)), "{on}");
    for (target, is_fine) in [
        (AUTHORIZE.to_owned(), true),
        (format!("{AUTHORIZE}&context=project/p-1"), true),
        (format!("{AUTHORIZE}&installation={}", of.id), true),
        (format!("{AUTHORIZE}&context=customer/c-1"), false),
        (format!("{AUTHORIZE}&installation={}", elsewhere.id), false),
        ("/extensions/x2/authorize?state=s".to_owned(), false),
    ] {
        let reply = framed(&frame, &target).await;
        assert_eq!(reply.status, if is_fine { 303 } else { 200 }, "{target}");
        if is_fine {
            let said = claims(&redeemed(&app, &reply).await.text("access_token"));
            assert_eq!(said["installation"], of.id.as_str());
        }
    }
    // Another extension's cookie in its place, and its own as anything else.
    let held = frame.cookies();
    let (name, value) = held.iter().find(|(name, _)| name.starts_with("__Host-f-")).expect("a cookie");
    for known in ["__Host-s-t1", "__Host-d-t1"] {
        let other = app.browser();
        other.set_cookie(known, value);
        assert_eq!(other.get("/account").await.status, 303, "{known}");
        waiting(framed(&other, AUTHORIZE).await);
    }
    assert_eq!(
        app.browser().send("GET", AUTHORIZE, &[("cookie", &format!("{name}={value}"))], "").await.status,
        200
    );
    let session = browser.cookies().remove("__Host-s-t1").expect("a session");
    let swapped = app.browser();
    swapped.set_cookie(name, &session);
    waiting(framed(&swapped, AUTHORIZE).await);
    // Its cookie under the name of another extension's.
    app.change_extension(X2, |found| found.manifest.frame_origins.push("https://x2.example".to_owned()))
        .await;
    let (other, _) = signed_in(&app, &ticket(&browser, &of).await).await;
    let stray = app.browser();
    let there = Framed::at(&app, ALICE, &app.install(X2, (CUSTOMER, "customer/c-1"), SCOPES).await, X2).await;
    let named = there.cookies.keys().find(|name| name.starts_with("__Host-f-")).expect("a cookie").clone();
    stray.set_cookie(&named, other.cookies().get(name).expect("its cookie"));
    waiting(framed(&stray, "/extensions/x2/authorize?state=s").await);
    // A ticket that was not handed in is no cookie.
    let fresh = ticket(&browser, &of).await;
    swapped.set_cookie(name, &fresh);
    waiting(framed(&swapped, AUTHORIZE).await);
    swapped.set_cookie(name, &fresh.replace("dwt_", "dwf_"));
    waiting(framed(&swapped, AUTHORIZE).await);
    assert_eq!(app.userinfo(value).await.status, 401);
    assert_eq!(app.introspect(RS1, value).await.json()["active"], false);
}

#[tokio::test]
async fn nothing_is_asked_in_a_frame() {
    let app = TestApp::extended().await;
    let (of, browser) = installed(&app).await;
    let none = framed(&app.browser(), &format!("{AUTHORIZE}&prompt=none")).await;
    assert_eq!(none.param("error").as_deref(), Some("login_required"));
    let (frame, on) = signed_in(&app, &ticket(&browser, &of).await).await;
    app.advance_s(120);
    for (asked, error) in [
        ("prompt=none", ""),
        ("prompt=login", "waits"),
        ("prompt=none&max_age=60", "login_required"),
        ("prompt=consent", "consent_required"),
        ("prompt=select_account", "account_selection_required"),
        ("max_age=60", "waits"),
        ("max_age=600", ""),
        ("scope=openid%20profile", ""),
        ("response_mode=form_post", "?"),
    ] {
        let reply = framed(&frame, &format!("{AUTHORIZE}&{asked}")).await;
        match error {
            "" => assert!(reply.param("code").is_some(), "{asked}: {}", reply.body),
            // The page that posts to the extension is shown by those who may.
            "?" => {
                let policy = reply.header("content-security-policy").expect("a policy");
                assert!(policy.contains("frame-ancestors 'self' https://host.example"), "{policy}");
                assert!(reply.header("x-frame-options").is_none() && reply.body.contains("name=\"code\""));
            }
            "waits" => assert!(waits(&reply), "{asked}: {}", reply.body),
            _ => assert_eq!(reply.param("error").as_deref(), Some(error), "{asked}"),
        }
    }
    // A scope that takes a permission which was taken away falls; where nothing is left that is told.
    app.commit(vec![doorward_tests::extended::unassign(P1)]).await;
    let tokens = redeemed(&app, &framed(&frame, AUTHORIZE).await).await;
    assert_eq!(tokens.text("scope"), "openid profile rs1:read");
    let nothing = framed(&frame, &format!("{AUTHORIZE}&scope=rs1%3Awrite")).await;
    assert_eq!(nothing.param("error").as_deref(), Some("access_denied"), "{}", nothing.location());
    let hinted = framed(&frame, &format!("{AUTHORIZE}&id_token_hint={}", tokens.text("id_token"))).await;
    assert!(hinted.param("code").is_some(), "{}", hinted.body);
    let bob = app.browser();
    bob.sign_in(BOB).await;
    let his = bob.code("web", &[]).await.redeem(&app).await.text("id_token");
    // Whoever is meant may hand in a ticket; of somebody else's once more the client is told.
    let page = waiting(framed(&frame, &format!("{AUTHORIZE}&id_token_hint={his}")).await);
    let stranger = framed(&frame, &there(&hand_in(&frame, &page, &ticket(&browser, &of).await).await)).await;
    assert_eq!(stranger.param("error").as_deref(), Some("login_required"), "{}", stranger.body);
    // What the client demands of a sign-in is demanded here too.
    let found = app.store.client(&T1.into(), &X1.into()).await.expect("it can be read").expect("a client");
    let required_acr = Some("urn:doorward:acr:mfa".to_owned());
    app.commit(vec![Effect::PutClient(Client { required_acr, ..found.client })]).await;
    // Whoever shows more hands in another ticket: the client is told of one that shows no more. The window leads there.
    let page = waiting(framed(&frame, AUTHORIZE).await);
    assert_eq!(browser.get(&beside(&page)).await.location(), "https://id.example/account/second-factor");
    let made = ask(&browser, &of).await;
    assert_eq!(made.json()["error"], "login_required", "{}", made.body);
    assert_eq!(hand_in(&frame, &page, "dwt_none").await.status, 400);
    let unmet = framed(&frame, &on).await;
    assert_eq!(unmet.param("error").as_deref(), Some("unmet_authentication_requirements"), "{}", unmet.body);
}

/// Whoever has to sign in anew does so outside of the frame, and hands in another ticket; one that proves nothing new is told to the client.
#[tokio::test]
async fn a_frame_is_signed_in_anew_by_another_ticket() {
    let app = TestApp::extended().await;
    let (of, browser) = installed(&app).await;
    let (frame, _) = signed_in(&app, &ticket(&browser, &of).await).await;
    let anew = async || {
        let browser = app.browser();
        browser.sign_in(ALICE).await;
        browser
    };
    let go_on = async |page: &Page, browser: &Browser<'_>| {
        let on = there(&hand_in(&frame, page, &ticket(browser, &of).await).await);
        (framed(&frame, &on).await, on)
    };
    for (asked, earlier_s) in [("prompt=login", 1), ("max_age=60", 61)] {
        let target = format!("{AUTHORIZE}&{asked}");
        let before = anew().await;
        app.advance_s(earlier_s);
        let (told, _) = go_on(&waiting(framed(&frame, &target).await), &before).await;
        assert_eq!(told.param("error").as_deref(), Some("login_required"), "{asked}: {}", told.body);
        // A sign-in is for the request from when the frame waits; how long it waits then counts for nothing.
        let page = waiting(framed(&frame, &target).await);
        let signed_in_at = app.store.now().seconds();
        let since = anew().await;
        app.advance_s(300);
        let (back, on) = go_on(&page, &since).await;
        let said = claims(&redeemed(&app, &back).await.text("id_token"));
        assert_eq!(said["auth_time"].as_i64(), Some(signed_in_at), "{asked}");
        // It was for that request, and for no other.
        let elsewhen = format!("frame_waits_since={}", app.store.now().0 - 86_400_000);
        let at = on.find("frame_waits_since=").expect("it says since when");
        let forged = format!("{}{elsewhen}{}", &on[..at], &on[at + elsewhen.len()..]);
        let cut_short = on[..on.len() - 11].to_owned();
        for other in [on.replace("state=s", "state=t"), forged, cut_short, on[..at - 1].to_owned()] {
            assert_ne!(other, on);
            waiting(framed(&frame, &other).await);
        }
    }
    // After a day it is as if the frame had not waited.
    let target = format!("{AUTHORIZE}&prompt=login");
    let page = waiting(framed(&frame, &target).await);
    for (later_s, error) in [(86_400, None), (1, Some("login_required"))] {
        app.advance_s(later_s - 1);
        let since = anew().await;
        app.advance_s(1);
        assert_eq!(go_on(&page, &since).await.0.param("error").as_deref(), error);
    }
}

/// A second factor that becomes due is due in a frame that was signed in before, and is not shown there; it is none of ours where the
/// platform knows who looks.
#[tokio::test]
async fn a_second_factor_that_becomes_due_ends_no_frame_and_lets_none_go_on() {
    let app = TestApp::extended().await;
    let (of, browser) = installed(&app).await;
    let (frame, _) = signed_in(&app, &ticket(&browser, &of).await).await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/t1/installations/{}/sign-in-ticket", of.id);
    let made = admin.json("POST", &path, json!({ "user": user_id(ALICE) })).await;
    let (vouched, _) = signed_in(&app, &made.text("sign_in_ticket")).await;
    let ask = async |second_factor: SecondFactor| {
        let mut tenant = app.store.tenant(&T1.into()).await.expect("readable").expect("it is there");
        tenant.settings.second_factor = second_factor;
        app.commit(vec![Effect::PutTenant(tenant)]).await;
        [framed(&frame, AUTHORIZE).await, framed(&vouched, AUTHORIZE).await]
    };
    let [ours, theirs] = ask(SecondFactor::Required).await;
    assert!(waits(&ours) && theirs.param("code").is_some(), "{}", ours.body);
    let window = beside(&waiting(ours));
    assert_eq!(browser.get(&window).await.location(), "https://id.example/account/second-factor");
    let [ours, theirs] = ask(SecondFactor::Optional).await;
    assert!(ours.param("code").is_some() && theirs.param("code").is_some(), "{}", ours.body);
    // Whoever sets one up is asked for it here too, though nobody demands it.
    let elsewhere = app.browser();
    elsewhere.sign_in(ALICE).await;
    elsewhere.enrol(&app).await;
    let [ours, theirs] = ask(SecondFactor::Optional).await;
    assert!(waits(&ours) && theirs.param("code").is_some(), "{}", ours.body);
    assert_eq!(Page::of(browser.get(&window).await).action, "/second-factor");
}

/// What was granted while the installation had less stays less, though the frame was signed in to more, and more is consented to again.
#[tokio::test]
async fn a_frame_grants_no_more_than_is_consented_to_then() {
    let app = TestApp::extended().await;
    let (of, browser) = installed(&app).await;
    let (frame, _) = signed_in(&app, &ticket(&browser, &of).await).await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/t1/installations/{}", of.id);
    let consent = async |scopes: &str| admin.json("PATCH", &path, json!({ "scopes": scopes })).await.status;
    assert_eq!(consent("openid profile offline_access rs1:read").await, 200);
    let tokens = redeemed(&app, &framed(&frame, AUTHORIZE).await).await;
    assert_eq!(tokens.text("scope"), "openid profile rs1:read");
    assert_eq!(consent("openid profile offline_access rs1:read rs1:write").await, 200);
    let again = app.refresh(X1, &tokens.text("refresh_token")).await;
    assert_eq!(again.text("scope"), "openid profile rs1:read", "{}", again.body);
    let tokens = redeemed(&app, &framed(&frame, AUTHORIZE).await).await;
    assert_eq!(tokens.text("scope"), SCOPES);
}

/// A page that only tells something is seen in the frame too, and by nobody else.
#[tokio::test]
async fn what_is_told_in_a_frame_can_be_seen_there() {
    let app = TestApp::extended().await;
    app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let bob = app.browser();
    bob.sign_in(BOB).await;
    for (target, status) in [
        (AUTHORIZE, 403),
        ("/authorize?client_id=x1&response_type=code&redirect_uri=https%3A%2F%2Fevil.example", 400),
    ] {
        let told = framed(&bob, target).await;
        assert_eq!(told.status, status, "{}", told.body);
        let policy = told.header("content-security-policy").expect("a policy");
        assert!(policy.contains("frame-ancestors 'self' https://host.example"), "{policy}");
        assert_eq!(told.header("x-frame-options"), None);
    }
}

/// What else it hangs on is taken away in `alive.rs`.
#[tokio::test]
async fn a_frame_is_signed_in_for_eight_hours() {
    let app = TestApp::extended().await;
    let (of, browser) = installed(&app).await;
    let (frame, _) = signed_in(&app, &ticket(&browser, &of).await).await;
    // Its use is use of the session, which else would be over.
    for _ in 0..31 {
        app.advance_s(900);
        assert!(framed(&frame, AUTHORIZE).await.param("code").is_some());
    }
    app.advance_s(900);
    assert!(waits(&framed(&frame, AUTHORIZE).await));
}

#[tokio::test]
async fn the_platform_signs_a_frame_in_and_is_named_as_who_did() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let admin = Admin::of_tenant(&app).await;
    let path = format!("/tenants/t1/installations/{}/sign-in-ticket", of.id);
    let made = admin.json("POST", &path, json!({ "user": user_id(ALICE) })).await;
    assert_eq!((made.status, made.json()["expires_in"].as_i64()), (200, Some(60)), "{}", made.body);
    let (frame, on) = signed_in(&app, &made.text("sign_in_ticket")).await;
    let tokens = redeemed(&app, &framed(&frame, &on).await).await;
    let said = claims(&tokens.text("access_token"));
    assert_eq!(
        (said["sub"].as_str(), said["act"]["sub"].as_str()),
        (Some(user_id(ALICE).as_str()), Some("chief"))
    );
    assert_eq!(said["acr"], "0", "nobody has shown anything");
    let events = app.events().await;
    for kind in [EventKind::FrameTicketMade, EventKind::FrameSignedIn] {
        assert!(events.iter().any(|event| event.kind == kind), "{}", kind.as_str());
    }
    assert_eq!(admin.json("POST", &path, json!({ "user": user_id(BOB) })).await.status, 409);
    let reader = Admin::with(&app, "reader", "admin:installations.read").await;
    assert_eq!(reader.json("POST", &path, json!({ "user": user_id(ALICE) })).await.status, 403);
    app.advance_s(3600);
    waiting(framed(&frame, AUTHORIZE).await);
}

#[tokio::test]
async fn a_window_of_ours_makes_a_ticket_for_who_is_signed_in_there() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let target = "/extensions/x1/frame?state=s&client_id=x1";
    let browser = app.browser();
    let sign_in = browser.get(target).await;
    assert_eq!(sign_in.header("cross-origin-opener-policy"), Some("same-origin"));
    let done = browser.submit(&Page::of(sign_in), &doorward_tests::credentials(ALICE)).await;
    let back = there(&done);
    assert!(back.starts_with(target), "{back}");
    let reply = browser.get(&back).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.header("cross-origin-opener-policy"), Some("unsafe-none"));
    for (site, policy) in [
        ("same-origin", "unsafe-none"),
        ("cross-site", "same-origin"),
        ("same-site", "same-origin"),
        ("none", "same-origin"),
    ] {
        let opened = browser.send("GET", &back, &[("sec-fetch-site", site)], "").await;
        assert_eq!(opened.header("cross-origin-opener-policy"), Some(policy), "opened by {site}");
    }
    assert_eq!(reply.header("x-frame-options"), Some("DENY"), "it stands in no frame");
    assert!(
        reply.body.contains(&format!("/account/installations/{}/sign-in-ticket", of.id)),
        "{}",
        reply.body
    );
    // Where the frame's request asks for a sign-in anew, it is this window that asks: once.
    for asked in ["prompt=login", "max_age=60", "max_age=0"] {
        app.advance_s(61);
        let beside = beside(&waiting(framed(&app.browser(), &format!("{AUTHORIZE}&{asked}")).await));
        // Without since when the frame waits, that is from now on.
        let at = beside.find("&frame_waits_since=").expect("it says since when");
        for target in [&beside, &beside[..at]] {
            let page = Page::of(browser.get(target).await);
            assert_eq!(page.action, "/sign-in", "{asked}");
            let done = browser.submit(&page, &doorward_tests::credentials(ALICE)).await;
            assert_eq!(done.status, 303, "{}", done.body);
            let back = there(&done);
            assert!(*target == beside[..at] || back == beside, "{back}");
            app.advance_s(301);
            assert!(browser.get(&back).await.body.contains("data-handover"), "{asked}");
        }
    }
    let bob = app.browser();
    bob.sign_in(BOB).await;
    assert_eq!(bob.get(target).await.status, 403);
    assert_eq!(ask(&bob, &of).await.status, 404);
    assert_eq!(bob.get("/extensions/nobody/frame").await.status, 404);
    // A form of somebody else's gets nothing.
    for last in ["sign-in-ticket", "session-token"] {
        let path = format!("/account/installations/{}/{last}", of.id);
        assert_eq!(browser.post(&path, &[("form", "forged")]).await.status, 403, "{last}");
    }
    app.change_extension(X1, |found| found.manifest.consent = ConsentPolicy::Asked).await;
    ask(&browser, &of).await.assert_error(400, "consent_required");
    assert_eq!(app.rows("grants").await, 0);
    let page = browser.get(&format!("/account/installations/{}/frame", of.id)).await;
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(policy.contains("frame-src 'self' https://x1.example:8443 https://x1.example;"), "{policy}");
    assert!(policy.contains("connect-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    app.install(X2, (P2, "project/p-2"), SCOPES).await;
    assert_eq!(browser.get("/account/installations/ins_nobody/frame").await.status, 404);
    assert_eq!(bob.get(&format!("/account/installations/{}/frame", of.id)).await.status, 404);
}

/// What is seen in a frame ends with the session, whatever the extension may ask for elsewhere.
#[tokio::test]
async fn nothing_that_a_frame_got_is_offline() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), "openid profile offline_access").await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let (frame, on) = signed_in(&app, &ticket(&browser, &of).await).await;
    let tokens = redeemed(&app, &framed(&frame, &on).await).await;
    assert_eq!(tokens.text("scope"), "openid profile");
    let page = Page::of(browser.get("/account").await);
    browser.submit(&Page { action: "/sign-out".to_owned(), ..page }, &[]).await;
    app.refresh(X1, &tokens.text("refresh_token")).await.assert_error(400, "invalid_grant");
}

#[tokio::test]
async fn a_ticket_answers_no_request_for_another_place() {
    let app = TestApp::extended().await;
    let of = app.install(X1, (P1, "project/p-1"), SCOPES).await;
    let there = app.install(X1, (CUSTOMER, "customer/c-1"), SCOPES).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let made = ticket(&browser, &of).await;
    for named in ["context=customer/c-1".to_owned(), format!("installation={}", there.id)] {
        let reply =
            app.browser().post(&format!("/extensions/x1/frame?state=s&{named}"), &[("ticket", &made)]).await;
        assert!(reply.status == 400 && !is_cookie_set(&reply), "{named}: {}", reply.body);
    }
    let reply =
        app.browser().post("/extensions/x1/frame?state=s&context=project/p-1", &[("ticket", &made)]).await;
    assert!(is_cookie_set(&reply), "{}", reply.body);
    // The page that waits names the place, and so does the request that goes on, once.
    let (frame, named) = (app.browser(), format!("{AUTHORIZE}&installation={}", of.id));
    let there_too = waiting(framed(&frame, &format!("{AUTHORIZE}&context=customer/c-1")).await);
    assert!(there_too.reply.body.contains("data-context=\"customer/c-1\""), "{}", there_too.reply.body);
    let page = waiting(framed(&frame, &named).await);
    assert!(page.reply.body.contains(&format!("data-installation=\"{}\"", of.id)), "{}", page.reply.body);
    let on = self::there(&hand_in(&frame, &page, &ticket(&browser, &of).await).await);
    assert!(framed(&frame, &on).await.param("code").is_some(), "{on}");
    // The window beside it offers that place alone, and none that does not work.
    let offers = async |query: &str| {
        let body = browser.get(&format!("/extensions/x1/frame?state=s{query}")).await.body;
        [&of, &there].map(|of| body.contains(&format!("/installations/{}/", of.id)))
    };
    assert_eq!(offers("").await, [true, true]);
    assert_eq!(offers("&context=project/p-1").await, [true, false]);
    assert_eq!(offers(&format!("&installation={}", there.id)).await, [false, true]);
    app.live(&there.id, |life, now| life.disable(now)).await;
    assert_eq!(offers("").await, [true, false]);
    // Whoever is signed in at a browser that says so is not hidden by a frame's cookie that is dead.
    let name = reply.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let name =
        name.filter_map(|cookie| cookie.split_once('=')).find(|(name, _)| name.starts_with("__Host-f-"));
    let frame = app.browser();
    browser.cookies().iter().for_each(|(name, value)| frame.set_cookie(name, value));
    frame.set_cookie(name.expect("a cookie").0, &format!("dwf_{}", "A".repeat(48)));
    let reply = framed(&frame, &format!("{AUTHORIZE}&context=project/p-1&prompt=none")).await;
    assert!(reply.param("code").is_some(), "{}", reply.body);
    let head = browser.send("HEAD", AUTHORIZE, &[], "").await;
    assert_eq!((head.status, head.header("location")), (405, None));
}

#[tokio::test]
async fn storage_that_is_out_of_reach_refuses_nobody() {
    let app = TestApp::extended().await;
    let (of, browser) = installed(&app).await;
    let made = ticket(&browser, &of).await;
    let (frame, _) = signed_in(&app, &made).await;
    let unused = ticket(&browser, &of).await;
    app.fail_writes(true).await;
    let told = framed(&frame, AUTHORIZE).await;
    assert_eq!((told.status, told.header("x-frame-options")), (503, None), "it is seen in the frame");
    assert!(
        told.header("content-security-policy").is_some_and(|policy| policy.contains("https://host.example"))
    );
    let hand = async || app.browser().post("/extensions/x1/frame?state=s", &[("ticket", &unused)]).await;
    let told = hand().await;
    assert_eq!((told.status, told.header("x-frame-options")), (503, None), "so is this");
    let hand = async || hand().await.status;
    app.fail_writes(false).await;
    app.fail_reads(true).await;
    assert_eq!(framed(&frame, AUTHORIZE).await.status, 503);
    assert_eq!(hand().await, 503);
    app.fail_reads(false).await;
    assert!(framed(&frame, AUTHORIZE).await.param("code").is_some());
    assert_eq!(hand().await, 303);
}
