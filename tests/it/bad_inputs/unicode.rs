//! Bad inputs: Unicode. Nobody signs up yet: names come from an operator's document, and are typed at sign-in. The same parsers will
//! serve both.

use doorward_core::id::TenantId;
use doorward_crypto::jose::algorithm::Algorithm;
use doorward_crypto::jose::key::SigningKey;
use doorward_crypto::jose::sign::sign;
use doorward_tests::{ALICE, PKJ, Page, T1, WEB, encode};
use serde_json::json;

use super::steps::{apply, apply_to, form, is_signed_in, signed_in};
use super::{Case, json as error, page, redirect, rows, status};

rows![
    fresh un_001, fresh un_002, fresh un_004, shared un_005, shared un_006, fresh un_008, shared un_009,
];

const PASSWORD: &str = "a password for everybody";

/// Everybody's user name in T1.
async fn names(case: &Case) -> Vec<String> {
    let users = case.app.store.users(&TenantId::from(T1), None, 500).await.expect("people can be read");
    users.into_iter().map(|found| found.user.user_name_key).collect()
}

async fn add(case: &Case, name: &str) -> Result<(), String> {
    apply(&case.app, json!({ "users": [{ "user_name": name, "password": PASSWORD }] })).await
}

/// Whether somebody is signed in who types that; a refusal is the ordinary page.
async fn signs_in(case: &Case, name: &str, password: &str) -> bool {
    let browser = case.app.browser();
    let page = Page::of(browser.get("/sign-in").await);
    let fields = [("username", name), ("password", password), ("action", "sign-in")];
    let reply = browser.submit(&page, &fields).await;
    assert!(matches!(reply.status, 200 | 303), "{name:?}: {} {}", reply.status, reply.body);
    is_signed_in(&browser).await
}

/// Spellings of one name are one account; names that only look like it are none.
async fn un_001(case: &Case) {
    add(case, "admin").await.expect("a name can be added");
    let known = names(case).await;
    let same =
        ["ADMIN", "Admin", "admin ", " admin", "\u{ff41}\u{ff44}\u{ff4d}\u{ff49}\u{ff4e}", "adm\u{131}n"];
    for name in same {
        let both = json!({ "users": [{ "user_name": "admin" }, { "user_name": name }] });
        assert!(apply(&case.app, both).await.is_err(), "{name:?} beside admin");
        let applied = add(case, name).await;
        assert_eq!(names(case).await, known, "{name:?}: {applied:?}");
        assert!(signs_in(case, name, PASSWORD).await, "{name:?}");
    }
    let alike = [
        "\u{430}dmin",
        "adm\u{456}n",
        "\u{251}dmin",
        "ad\u{200b}min",
        "ad\u{200d}min",
        "ad\u{ad}min",
        "ad\u{feff}min",
        "ad\u{2060}min",
        "ad\u{202e}min",
        "ad\u{fe0f}min",
        "ad\u{34f}min",
        "ad min",
        "ad\u{a0}min",
        "admin\0",
        "ad\nmin",
        "\u{1d41a}\u{0501}min",
        "admin@",
    ];
    for name in alike {
        let applied = add(case, name).await;
        assert!(applied.is_err() || names(case).await == known, "{name:?}");
        assert_eq!(names(case).await, known, "{name:?}");
        if !name.ends_with('\0') {
            assert!(!signs_in(case, name, PASSWORD).await, "{name:?}");
        }
    }
    // A whole name of another script that is drawn like a Latin one is that name.
    add(case, "paypal").await.expect("a name can be added");
    let known = names(case).await;
    let applied = add(case, "\u{440}\u{430}\u{443}\u{440}\u{430}\u{4cf}").await;
    assert_eq!(names(case).await, known, "{applied:?}");
    // Positive guards: people of every script.
    for name in [
        "\u{441}\u{435}\u{440}\u{433}\u{435}\u{439}",
        "\u{5c71}\u{7530}",
        "nguy\u{1ec5}n",
        "\u{645}\u{62d}\u{645}\u{62f}",
    ] {
        assert_eq!(add(case, name).await, Ok(()), "{name}");
        assert!(signs_in(case, name, PASSWORD).await, "{name}");
    }
}

/// One account whichever way its letters can be written.
async fn un_002(case: &Case) {
    let families: [&[&str]; 6] = [
        &["stra\u{df}e", "strasse", "STRASSE", "STRA\u{1e9e}E"],
        &["kim", "\u{212a}im", "KIM"],
        &["of\u{fb01}ce", "office", "OFFICE", "o\u{fb03}ce"],
        &["zo\u{eb}", "zoe\u{308}", "ZO\u{cb}"],
        &["\u{130}x", "i\u{307}x"],
        &["\u{3bf}\u{3b4}\u{3cc}\u{3c2}", "\u{39f}\u{394}\u{38c}\u{3a3}", "\u{3bf}\u{3b4}\u{3cc}\u{3c3}"],
    ];
    for family in families {
        let before = names(case).await.len();
        for name in family {
            let _same_person = add(case, name).await;
            assert_eq!(names(case).await.len(), before + 1, "{name:?}");
            for other in family {
                assert!(signs_in(case, other, PASSWORD).await, "{other:?} for {name:?}");
            }
        }
        for (at, name) in family.iter().enumerate().skip(1) {
            let both = json!({ "users": [{ "user_name": family[at - 1] }, { "user_name": name }] });
            assert!(apply(&case.app, both).await.is_err(), "{name:?} beside {:?}", family[at - 1]);
        }
    }
}

/// A password is the same however its accents are written.
async fn un_004(case: &Case) {
    let composed = "p\u{e4}ssw\u{f6}rd \u{c5}ngstr\u{f6}m \u{1ec5}";
    let decomposed = "pa\u{308}sswo\u{308}rd A\u{30a}ngstro\u{308}m e\u{302}\u{303}";
    for (set, typed) in [(composed, decomposed), (decomposed, composed)] {
        apply_to(&case.app, "users", ALICE, |user| {
            user["password"] = set.into();
            user.as_object_mut().expect("a person is an object").remove("password_hash");
        })
        .await
        .expect("a password can be set");
        case.app.advance_s(1);
        assert!(signs_in(case, ALICE, typed).await && signs_in(case, ALICE, set).await);
        // On the account page too, and what is compared there.
        let browser = case.app.browser();
        let page = Page::of(browser.get("/sign-in").await);
        browser.submit(&page, &[("username", ALICE), ("password", typed), ("action", "sign-in")]).await;
        let password = form(browser.get("/account").await, "/account/password");
        let fields = [("password", typed), ("new_password", set), ("new_password_again", typed)];
        let reply = browser.submit(&password, &fields).await;
        let differs = reply.status == 400;
        let same = [("password", typed), ("new_password", set), ("new_password_again", set)];
        if differs {
            let password = form(browser.get("/account").await, "/account/password");
            assert_eq!(browser.submit(&password, &same).await.status, 303);
        }
        case.app.advance_s(1);
        assert!(signs_in(case, ALICE, typed).await);
    }
    // Spaces are kept, compatibility forms are other passwords, controls are none.
    assert!(!signs_in(case, ALICE, &composed.replace(' ', "")).await);
    assert!(!signs_in(case, ALICE, &format!("{composed} ")).await);
    for bad in ["\u{7}".repeat(12), format!("{composed}\0"), "x".repeat(1025), "\u{e9}".repeat(600)] {
        let refused = apply_to(&case.app, "users", ALICE, |user| user["password"] = bad.clone().into()).await;
        assert!(refused.is_err(), "{bad:.20?}");
        // A NUL is in no form at all.
        assert!(bad.contains('\0') || !signs_in(case, ALICE, &bad).await);
    }
}

/// Ten thousand marks on one letter, and other long things.
async fn un_005(case: &Case) {
    let zalgo = format!("a{}", "\u{301}".repeat(10_000));
    let short = format!("a{}", "\u{301}\u{316}".repeat(20));
    let wide = "\u{1F469}\u{200d}\u{1F4BB}".repeat(2_000);
    for name in [&zalgo, &short, &wide, &"a".repeat(201), &"\u{df}".repeat(101)] {
        let refused = add(case, name).await;
        assert!(refused.is_err(), "{name:.20}");
        for (list, id) in [("clients", WEB), ("users", ALICE)] {
            let refused = apply_to(&case.app, list, id, |row| {
                if list == "clients" {
                    row["name"] = name.as_str().into()
                } else {
                    row["profile"]["name"] = name.as_str().into()
                }
            })
            .await;
            assert!(refused.is_err() || name.len() < 201, "{list} {name:.20}");
        }
        let refused = apply(&case.app, json!({ "name": name })).await;
        assert!(refused.is_err() || name.len() < 201, "{name:.20}");
        assert!(!signs_in(case, name, PASSWORD).await);
    }
    let browser = case.app.browser();
    let reply = case
        .expect(status(200), browser.authorize(WEB, &[("login_hint", &short), ("ui_locales", &short)]))
        .await;
    assert!(reply.body.contains("action=\"/sign-in\""));
}

/// What turns text around or hides it stands in no name.
async fn un_006(case: &Case) {
    let bidi = ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}');
    let others = [
        '\u{200b}',
        '\u{200e}',
        '\u{200f}',
        '\u{61c}',
        '\u{ad}',
        '\u{feff}',
        '\u{2028}',
        '\u{e000}',
        '\u{378}',
        '\u{fffe}',
        '\u{e0041}',
        '\0',
        '\u{7f}',
        '\n',
        '\u{85}',
        '\u{3164}',
    ];
    for odd in bidi.chain(others) {
        let name = format!("Good{odd}Bank");
        for list in ["clients", "apis"] {
            let id = if list == "clients" { WEB } else { "https://rs1.example" };
            let refused = apply_to(&case.app, list, id, |row| row["name"] = name.as_str().into()).await;
            assert!(refused.is_err(), "{list} {odd:?}");
        }
        let refused = apply_to(&case.app, "apis", "https://rs1.example", |api| {
            api["scopes"][0]["description"] = format!("read{odd}nothing").into();
        })
        .await;
        assert!(refused.is_err(), "description {odd:?}");
        assert!(apply(&case.app, json!({ "name": name })).await.is_err(), "tenant {odd:?}");
        let refused =
            apply_to(&case.app, "users", ALICE, |user| user["profile"]["name"] = name.as_str().into()).await;
        assert!(refused.is_err(), "person {odd:?}");
    }
    assert_eq!(
        apply_to(&case.app, "clients", WEB, |client| client["name"] = "G\u{fc}te Bank \u{5c71}".into()).await,
        Ok(())
    );
}

/// What is an address in an operator's document is one at sign-in, and nothing else is.
async fn un_008(case: &Case) {
    let local = |length: usize| format!("{}@x.example", "l".repeat(length));
    let domain = |length: usize| format!("a@{}.example", "d".repeat(length));
    let long = format!("a@{0}.{0}.{0}.{0}.example", "d".repeat(60));
    let addresses = [
        "dora@example.com".to_owned(),
        "Dora@Example.COM".to_owned(),
        "d.o+r_a-x@sub.example.com".to_owned(),
        "o'neil@xn--bcher-kva.example".to_owned(),
        local(64),
        local(65),
        domain(63),
        domain(64),
        long.clone(),
        format!("{long}x"),
        "a..b@x.example".to_owned(),
        ".a@x.example".to_owned(),
        "a.@x.example".to_owned(),
        "\"a b\"@x.example".to_owned(),
        "\"a\"@x.example".to_owned(),
        "a@b@x.example".to_owned(),
        "@x.example".to_owned(),
        "a@".to_owned(),
        "a@localhost".to_owned(),
        "a@[127.0.0.1]".to_owned(),
        "a@x.example.".to_owned(),
        "d\u{f6}ra@x.example".to_owned(),
        "a@b\u{fc}cher.example".to_owned(),
        "a@x.example\u{200b}".to_owned(),
        "a(comment)@x.example".to_owned(),
        "a@x_y.example".to_owned(),
        "a\u{ff20}x.example".to_owned(),
    ];
    for (at, address) in addresses.iter().enumerate() {
        let name = format!("dora{at}");
        let user = json!({ "user_name": name, "email": address, "password": PASSWORD });
        let applied = apply(&case.app, json!({ "users": [user] })).await;
        assert_eq!(signs_in(case, address, PASSWORD).await, applied.is_ok(), "{address}: {applied:?}");
        if applied.is_ok() {
            assert!(signs_in(case, &address.to_uppercase(), PASSWORD).await, "{address}");
            let twin = json!({ "user_name": format!("{name}twin"), "email": address.to_uppercase(), "password": PASSWORD });
            assert!(apply(&case.app, json!({ "users": [twin] })).await.is_err(), "{address} twice");
            // Gone again: the next one may be the same address in other letters.
            apply_to(&case.app, "users", &name, |user| {
                user.as_object_mut().expect("an object").remove("email");
            })
            .await
            .expect("it can be changed");
        }
    }
}

/// Names of the protocol are ASCII.
async fn un_009(case: &Case) {
    let browser = signed_in(case, ALICE).await;
    for scope in [
        "\u{43e}penid",
        "openid pr\u{43e}file",
        "openid\u{a0}profile",
        "openid \u{ff45}mail",
        "open\u{200b}id",
        "openid\u{3000}email",
        "\u{f6}",
        "openid\u{7f}",
    ] {
        case.expect(redirect("invalid_scope"), browser.authorize(WEB, &[("scope", scope)])).await;
    }
    for client in [
        "w\u{435}b",
        "WEB",
        "web\u{200b}",
        "\u{ff57}\u{ff45}\u{ff42}",
        "web\u{301}",
        "we\u{fb00}",
        " web",
        "web ",
    ] {
        case.expect(
            page(400).event("authz.unknown_client"),
            browser.authorize(client, &[("redirect_uri", "https://app.example/cb")]),
        )
        .await;
        let secret = doorward_tests::secret_of(WEB);
        let form =
            [("grant_type", "client_credentials"), ("client_id", client), ("client_secret", secret.as_str())];
        case.expect(error(401, "invalid_client"), case.app.post_form("/token", &form, &[])).await;
        let header = doorward_tests::basic(client, &secret);
        let headers = [("authorization", header.as_str())];
        let form = [("grant_type", "client_credentials")];
        case.expect(error(401, "invalid_client"), case.app.post_form("/token", &form, &headers)).await;
    }
    for (name, value) in [
        ("response_type", "\u{441}ode"),
        ("prompt", "l\u{43e}gin"),
        ("response_mode", "qu\u{435}ry"),
        ("display", "p\u{430}ge"),
        ("code_challenge_method", "\u{405}256"),
    ] {
        let reply = case.expect(status(303), browser.authorize(WEB, &[(name, value)])).await;
        assert!(reply.param("error").is_some(), "{name}");
    }
    for grant in ["client_credenti\u{430}ls", "\u{ff43}lient_credentials", "CLIENT_CREDENTIALS"] {
        let form = [("grant_type".to_owned(), grant.to_owned())];
        case.expect(error(400, "unsupported_grant_type"), case.app.token_as(WEB, &form)).await;
    }
    // A key's name is compared byte for byte.
    let key = SigningKey::generate(Algorithm::Es256, "pkj-\u{661}").expect("a key can be made");
    let claims = json!({ "iss": PKJ, "sub": PKJ, "aud": "https://id.example", "jti": "un9", "exp": case.app.clock.now().seconds() + 60 });
    let assertion = sign(&key, "JWT", claims.to_string().as_bytes());
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &assertion),
    ];
    case.expect(error(401, "invalid_client"), case.app.post_form("/token", &form, &[])).await;
    let reply = browser.get(&format!("/logout?{}", encode(&[("id_token_hint", &assertion)]))).await;
    assert_eq!(reply.status, 400);
    for list in ["clients"] {
        let refused = apply_to(&case.app, list, WEB, |client| client["id"] = "w\u{435}b2".into()).await;
        assert!(refused.is_err());
    }
}
