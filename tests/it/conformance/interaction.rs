//! What the person is asked: display, prompt, age of the sign-in, hints and languages.

use doorward_tests::{ALICE, Page, TestApp, authorize_target};

use super::party::{CLIENT, Party, suite};

pub async fn oidcc_display_page(app: &TestApp) {
    Party::new(app).flow(&[("display", "page")]).await;
}

pub async fn oidcc_display_popup(app: &TestApp) {
    Party::new(app).flow(&[("display", "popup")]).await;
}

pub async fn oidcc_prompt_login(app: &TestApp) {
    let party = Party::new(app);
    let first = party.flow(&[]).await;
    app.advance_s(5);
    let visit = party.visit(&[("prompt", "login")]).await;
    assert_eq!(visit.sign_ins(), 1, "{visit:?}");
    let second = party.exchange(&visit, &[]).await;
    assert_eq!(second.id["sub"], first.id["sub"]);
    assert_eq!(second.id["auth_time"], app.clock.now().seconds());
    assert!(second.id["auth_time"].as_i64() > first.id["auth_time"].as_i64());
    // Within the same second too, the page is shown.
    assert_eq!(party.visit(&[("prompt", "login")]).await.sign_ins(), 1);
}

pub async fn oidcc_prompt_none_not_logged_in(app: &TestApp) {
    let visit = Party::new(app).visit(&[("prompt", "none")]).await;
    assert!(visit.pages.is_empty());
    visit.assert_error("login_required");
}

pub async fn oidcc_prompt_none_logged_in(app: &TestApp) {
    let party = Party::new(app);
    let first = party.flow(&[]).await;
    app.advance_s(5);
    let visit = party.visit(&[("prompt", "none")]).await;
    assert!(visit.pages.is_empty(), "{visit:?}");
    let second = party.exchange(&visit, &[]).await;
    assert_same_authentication(&first.id, &second.id);
}

pub async fn oidcc_max_age_1(app: &TestApp) {
    let party = Party::new(app);
    let first = party.flow(&[]).await;
    app.advance_s(2);
    let visit = party.visit(&[("max_age", "1")]).await;
    assert_eq!(visit.sign_ins(), 1, "{visit:?}");
    let second = party.exchange(&visit, &[]).await;
    assert_eq!(second.id["sub"], first.id["sub"]);
    assert_eq!(second.id["auth_time"], app.clock.now().seconds());
    assert!(second.id["auth_time"].as_i64() > first.id["auth_time"].as_i64());
}

pub async fn oidcc_max_age_10000(app: &TestApp) {
    let party = Party::new(app);
    let first = party.flow(&[]).await;
    app.advance_s(5);
    let visit = party.visit(&[("max_age", "10000")]).await;
    assert!(visit.pages.is_empty(), "{visit:?}");
    let second = party.exchange(&visit, &[]).await;
    assert_same_authentication(&first.id, &second.id);
    assert!(second.id["auth_time"].is_i64(), "asked with max_age it must be there (section 2)");
}

pub async fn oidcc_id_token_hint(app: &TestApp) {
    let party = Party::new(app);
    let first = party.flow(&[]).await;
    // A hint may be old: it names a person, it proves nothing.
    app.advance_s(1500);
    let hint = first.reply.text("id_token");
    let visit = party.visit(&[("prompt", "none"), ("id_token_hint", &hint)]).await;
    assert!(visit.pages.is_empty(), "{visit:?}");
    let second = party.exchange(&visit, &[]).await;
    assert_same_authentication(&first.id, &second.id);
    // In a browser where nobody is signed in, the hint signs nobody in.
    let stranger = Party::new(app);
    stranger.visit(&[("prompt", "none"), ("id_token_hint", &hint)]).await.assert_error("login_required");
}

pub async fn oidcc_login_hint(app: &TestApp) {
    let party = Party::new(app);
    let target = authorize_target(CLIENT, &suite(&[("login_hint", ALICE)]));
    let reply = party.browser.get(&target).await;
    assert!(reply.body.contains(&format!("name=\"username\" value=\"{ALICE}\"")), "{}", reply.body);
    assert!(Page::of(reply.clone()).field("password").is_none());
    let visit = party.follow(reply).await;
    assert_eq!(visit.sign_ins(), 1);
    party.exchange(&visit, &[]).await;
    // A hint is a hint: somebody whom nobody knows, or another form of a name, is no error.
    for hint in ["buffy@id.example", "https://people.example/buffy", "tel:+49-30-1", "\u{1F600}"] {
        Party::new(app).flow(&[("login_hint", hint)]).await;
    }
}

pub async fn oidcc_ui_locales(app: &TestApp) {
    let party = Party::new(app);
    let german = party.browser.authorize(CLIENT, &suite(&[("ui_locales", "se de en")])).await;
    assert!(german.body.contains("<html lang=\"de\">") && german.body.contains("Anmelden"));
    let visit = party.follow(german).await;
    party.exchange(&visit, &[]).await;
    for locales in ["se", "fr-CA fr en", "x-klingon", "not_a_tag"] {
        Party::new(app).flow(&[("ui_locales", locales)]).await;
    }
}

pub async fn oidcc_claims_locales(app: &TestApp) {
    for locales in ["se", "de-DE en", "x-klingon"] {
        Party::new(app).flow(&[("claims_locales", locales)]).await;
    }
}

fn assert_same_authentication(first: &serde_json::Value, second: &serde_json::Value) {
    for claim in ["sub", "auth_time", "sid", "acr"] {
        assert_eq!(first[claim], second[claim], "{claim}");
    }
}
