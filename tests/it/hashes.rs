//! Password hashes of other systems: whoever was brought in with one signs in, and has one of ours from then on.

use doorward_core::Effect;
use doorward_core::model::{Credential, EventKind};
use doorward_crypto::password::format;
use doorward_tests::{ALICE, BOB, Page, Reply, T1, TestApp, user_id};

/// A password of each format, and what another system made of it.
fn one_of_each() -> Vec<(&'static str, &'static str)> {
    let rows = include_str!("../../crates/crypto/tests/known-hashes.tsv").lines();
    let known: Vec<_> = rows.filter_map(|line| line.split_once('\t')).collect();
    let of = |name| known.iter().find(|(_, hash)| format::name_of(hash) == Some(name)).copied();
    format::FORMATS
        .iter()
        .map(|format| of(format.name).unwrap_or_else(|| panic!("no {}", format.name)))
        .collect()
}

#[tokio::test]
async fn a_hash_of_every_format_signs_in_and_is_replaced() {
    let app = TestApp::new().await;
    for (password, hash) in one_of_each() {
        store(&app, ALICE, hash).await;
        assert_eq!(sign_in(&app, ALICE, "wrong horse").await.status, 200, "{hash}");
        assert_eq!(stored(&app, ALICE).await, hash, "a wrong password changes nothing");
        assert_eq!(sign_in(&app, ALICE, password).await.status, 303, "{hash}");
        let ours = stored(&app, ALICE).await;
        assert!(ours.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{ours}");
        assert_eq!(sign_in(&app, ALICE, password).await.status, 303, "{hash}");
        assert_eq!(stored(&app, ALICE).await, ours, "it is replaced once");
    }
}

/// Other systems hashed what their form was sent: composed or not, with whatever spaces. Both forms fit afterwards.
#[tokio::test]
async fn a_password_that_was_hashed_as_it_was_typed_fits() {
    let app = TestApp::new().await;
    // md5("Zu\u{308}rich").
    let typed = "Zu\u{308}rich";
    store(&app, ALICE, "ez$1$922b7526b413b6a223c7f4d1deb69c2b").await;
    assert_eq!(sign_in(&app, ALICE, typed).await.status, 303);
    for form in [typed, "Z\u{fc}rich"] {
        assert_eq!(sign_in(&app, ALICE, form).await.status, 303);
    }
}

/// BF-012: bcrypt looks at 72 bytes; what differs after them is another password all the same.
#[tokio::test]
async fn a_password_that_bcrypt_would_cut_is_refused() {
    let app = TestApp::new().await;
    let full = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    store(&app, ALICE, "$2b$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui").await;
    for after in ["a", "b"] {
        assert_eq!(sign_in(&app, ALICE, &format!("{full}{after}")).await.status, 200);
    }
    assert_eq!(sign_in(&app, ALICE, full).await.status, 303);
    // Now that it is ours, all of it counts, however long it is.
    assert_eq!(sign_in(&app, ALICE, &format!("{full}a")).await.status, 200);
}

/// BF-014: a broken hash lets nobody in, breaks nothing, and somebody hears of it.
#[tokio::test]
async fn a_broken_hash_is_refused_and_told() {
    let broken = [
        "",
        "plain text",
        "$2b$05$\u{e4}CCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$argon2id$v=19$m=4294967295,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY",
        "$y$j9T$salt$hash",
        "\u{1f511}",
    ];
    let app = TestApp::new().await;
    let invalid = async || {
        app.events()
            .await
            .into_iter()
            .filter(|event| event.kind == EventKind::HashInvalid)
            .collect::<Vec<_>>()
    };
    for (at, hash) in broken.into_iter().enumerate() {
        store(&app, ALICE, hash).await;
        let refused = sign_in(&app, ALICE, hash).await;
        assert_eq!(refused.status, 200, "{hash}");
        let events = invalid().await;
        assert_eq!(events.len(), at + 1, "{hash}");
        let event = events.last().expect("there is one");
        assert_eq!(event.user.as_ref().map(|user| user.as_str().to_owned()), Some(user_id(ALICE)));
        assert!(hash.is_empty() || !format!("{event:?}").contains(hash), "a hash is no matter of events");
        // The page says what it says of every wrong password.
        assert_eq!(sign_in(&app, BOB, "wrong horse").await.status, 200);
        app.advance_s(3600);
    }
    assert_eq!(sign_in(&app, BOB, "wrong horse").await.status, 200);
    assert_eq!(invalid().await.len(), broken.len(), "not of whose hash is well");
}

async fn store(app: &TestApp, user: &str, hash: &str) {
    let credential = Credential {
        tenant: T1.into(),
        user: user_id(user).into(),
        kind: "password".to_owned(),
        data: hash.to_owned(),
        created_at: app.clock.now(),
    };
    app.store.commit(vec![Effect::PutCredential(credential)]).await.expect("a credential can be stored");
}

async fn stored(app: &TestApp, user: &str) -> String {
    let found = app.store.user(&T1.into(), &user_id(user).into()).await.expect("read").expect("there");
    found.password.expect("there is a password").data
}

async fn sign_in(app: &TestApp, user: &str, password: &str) -> Reply {
    let browser = app.browser();
    let page = Page::of(browser.get("/sign-in").await);
    browser.submit(&page, &[("username", user), ("password", password), ("action", "sign-in")]).await
}
