//! Bad inputs: launches of extensions by a one-time key. Here what becomes of the key.

mod opening;

use doorward_core::Effect;
use doorward_core::effect::MAX_TICKET_FAILURES;
use doorward_core::model::{Client, EventKind};
use doorward_crypto::{base62, digest};
use doorward_tests::extended::{ASKS, CUSTOMER, Installed, P1, X1, X2, unassign};
use doorward_tests::{ALICE, BOB, RS1, user_id};
use serde_json::json as value;

use crate::bad_inputs::race::{Racer, race, winners};
use crate::bad_inputs::steps::{client_of, is_active, put};
use crate::bad_inputs::{Case, json, rows, status};
use crate::extensions::alive::{fall, rise};
use crate::extensions::{Key, opened};
use opening::{at_011, at_013, at_014, at_015};

rows![
    fresh at_001, fresh at_002, fresh at_003, fresh at_004, fresh at_005, fresh at_006, fresh at_007, fresh at_009,
    fresh at_011, fresh at_013, fresh at_014, fresh at_015, fresh at_018, fresh at_020,
];

/// X1 in `project/p-1`, which ALICE has just opened.
async fn launched(case: &Case) -> (Installed, Key) {
    case.app.extend().await;
    let of = case.app.install(X1, (P1, "project/p-1"), ASKS).await;
    let key = opened(&case.app, ALICE, &of).await;
    (of, key)
}

/// A repeat of the extension's own is refused, and ends nothing.
async fn at_001(case: &Case) {
    let (of, key) = launched(case).await;
    let first = key.exchange(&case.app, X1).await;
    assert_eq!(first.status, 200, "{}", first.body);
    let refused = || json(400, "invalid_grant").recorded("atrek.replay");
    case.expect(refused(), key.exchange(&case.app, X1)).await;
    case.expect(refused(), case.app.post_as_installation(&of, &key.form())).await;
    assert!(is_active(case, RS1, &first.text("access_token")).await);
    assert_eq!(case.app.refresh(X1, &first.text("refresh_token")).await.status, 200);
}

async fn at_002(case: &Case) {
    let (_, key) = launched(case).await;
    let racer = Racer::of("/token", X1, false, &key.form());
    let won = winners(race(case, 50, &racer).await, 400, "invalid_grant");
    assert_eq!(won.len(), 1);
    assert!(is_active(case, RS1, &won[0].text("access_token")).await);
    assert_eq!((case.app.rows("grants").await, case.app.recorded("atrek.replay").await), (1, 49));
}

/// Whom a key is not for does not use it up.
async fn at_003(case: &Case) {
    let (_, key) = launched(case).await;
    let of_another = case.app.install(X2, (P1, "project/p-1"), ASKS).await;
    let elsewhere = case.app.install(X1, (CUSTOMER, "customer/c-1"), ASKS).await;
    let refused = json(400, "invalid_grant").recorded("atrek.wrong_extension");
    case.expect(refused.clone(), key.exchange(&case.app, X2)).await;
    case.expect(refused, case.app.post_as_installation(&of_another, &key.form())).await;
    let refused = json(400, "invalid_grant").recorded("atrek.wrong_installation");
    case.expect(refused, case.app.post_as_installation(&elsewhere, &key.form())).await;
    assert_eq!(key.exchange(&case.app, X1).await.status, 200);
}

/// A key is for who opened; guesses at the person use it up.
async fn at_004(case: &Case) {
    let (of, key) = launched(case).await;
    let other = opened(&case.app, ALICE, &of).await;
    let named = async |key: &Key, user: String| {
        let key = Key { user, ..key.clone() };
        case.expect(json(400, "invalid_grant").recorded("atrek.wrong_user"), key.exchange(&case.app, X1))
            .await;
    };
    let id = user_id(ALICE);
    for user in [user_id(BOB), "usr_nobody-0001".to_owned(), id.to_uppercase(), format!("{id} ")] {
        named(&key, user).await;
    }
    let nobody = Key { user: String::new(), ..key.clone() };
    case.expect(json(400, "invalid_request"), nobody.exchange(&case.app, X1)).await;
    let mut twice = key.form().to_vec();
    twice.push(("user_id", &id));
    case.expect(json(400, "invalid_request"), case.app.post_as_installation(&of, &twice)).await;
    assert_eq!(key.exchange(&case.app, X1).await.status, 200, "few guesses do no harm");
    for _ in 0..MAX_TICKET_FAILURES {
        named(&other, user_id(BOB)).await;
    }
    case.expect(json(400, "invalid_grant").recorded("launch.burnt"), other.exchange(&case.app, X1)).await;
}

async fn at_005(case: &Case) {
    let (of, key) = launched(case).await;
    case.app.advance_s(59);
    assert_eq!(key.exchange(&case.app, X1).await.status, 200);
    for late in [60, 61, 3600] {
        let key = opened(&case.app, ALICE, &of).await;
        case.app.advance_s(late);
        let refused = json(400, "invalid_grant").recorded("launch.expired");
        case.expect(refused, key.exchange(&case.app, X1)).await;
    }
}

/// A key is 160 random bits; guesses are refused one by one, and whoever makes many meets the quota of their client, as of their
/// address and tenant.
async fn at_006(case: &Case) {
    let (_, key) = launched(case).await;
    let bytes = base62::decode_fixed(key.key.trim_start_matches("dwo_"), 24).expect("letters and digits");
    // The first say when the row may be forgotten.
    let (time, random) = bytes.split_at(4);
    assert_eq!(random.len(), 20);
    let guess = |n: u32| {
        let guessed = [time, &digest::sha256(&n.to_be_bytes())[..20]].concat();
        Key { key: format!("dwo_{}", base62::encode_fixed(&guessed, 33)), ..key.clone() }
    };
    case.expect(json(400, "invalid_grant").event("launch.unknown"), guess(0).exchange(&case.app, X1)).await;
    for n in 1..1_000 {
        guess(n).exchange(&case.app, X1).await.assert_error(400, "invalid_grant");
    }
    let client = client_of(&case.app, X1).await;
    put(&case.app, vec![Effect::PutClient(Client { rate_limit: 60, ..client })]).await;
    let mut limited = 0;
    for n in 1_000..1_200 {
        let reply = guess(n).exchange(&case.app, X1).await;
        assert!(matches!(reply.status, 400 | 429), "{}", reply.body);
        assert_eq!(reply.status == 429, reply.header("retry-after").is_some());
        limited += u32::from(reply.status == 429);
    }
    assert!((100..200).contains(&limited), "{limited}");
}

/// Who exchanges a key shows to be its extension.
async fn at_007(case: &Case) {
    let (of, key) = launched(case).await;
    let anonymous = json(401, "invalid_client");
    case.expect(anonymous.clone(), case.app.post_form("/token", &key.form(), &[])).await;
    for (name, secret) in [(X1, ""), (X1, "guess-of-a-secret"), (of.id.as_str(), "")] {
        let mut form = key.form().to_vec();
        form.push(("client_id", name));
        if !secret.is_empty() {
            form.push(("client_secret", secret));
        }
        case.expect(anonymous.clone(), case.app.post_form("/token", &form, &[])).await;
    }
    let wrong = Installed { secret: "dwx_guess-of-a-secret".to_owned(), ..of.clone() };
    case.expect(anonymous, case.app.post_as_installation(&wrong, &key.form())).await;
    // Nor does a client that can show nothing pass by its name.
    let proven = client_of(&case.app, X1).await;
    let public =
        Client { auth_method: "none".to_owned(), also_auth_methods: Default::default(), ..proven.clone() };
    put(&case.app, vec![Effect::PutClient(public)]).await;
    let mut form = key.form().to_vec();
    form.push(("client_id", X1));
    let refused = json(401, "invalid_client").event("client.anonymous");
    case.expect(refused, case.app.post_form("/token", &form, &[])).await;
    let version = client_of(&case.app, X1).await.version;
    put(&case.app, vec![Effect::PutClient(Client { version, ..proven })]).await;
    assert_eq!(key.exchange(&case.app, X1).await.status, 200);
}

/// What was switched off after the click takes the key along, and does not bring it back.
async fn at_009(case: &Case) {
    case.app.extend().await;
    for (name, reason, comes_back) in [
        ("disabled", "installation.disabled", true),
        ("suspended", "installation.suspended", true),
        ("extension suspended", "ext.suspended", true),
        ("removed", "installation.removed", false),
        ("extension withdrawn", "ext.withdrawn", false),
    ] {
        let of = case.app.install(X1, (P1, "project/p-1"), ASKS).await;
        let key = opened(&case.app, ALICE, &of).await;
        fall(&case.app, &of, name).await;
        let refused = json(400, "invalid_grant").recorded(reason);
        case.expect(refused, key.exchange(&case.app, X1)).await;
        if comes_back {
            rise(&case.app, &of, name).await;
            let refused = json(400, "invalid_grant").recorded("installation.past");
            case.expect(refused, key.exchange(&case.app, X1)).await;
            case.app.live(&of.id, |life, now| life.remove(now)).await;
        }
    }
}

/// What a token may do is what its person may do now.
async fn at_018(case: &Case) {
    let (_, key) = launched(case).await;
    let tokens = key.exchange(&case.app, X1).await;
    let (access, refresh) = (tokens.text("access_token"), tokens.text("refresh_token"));
    let told = async || case.app.introspect(RS1, &access).await.json();
    assert_eq!(told().await["scope"], ASKS);
    put(&case.app, vec![unassign(P1)]).await;
    let left = ASKS.replace(" rs1:write", "");
    assert_eq!(told().await["scope"], *left, "at once");
    let refreshed = case.app.refresh(X1, &refresh).await;
    assert_eq!(refreshed.text("scope"), left);
    let form = [
        ("grant_type".to_owned(), "refresh_token".to_owned()),
        ("refresh_token".to_owned(), refreshed.text("refresh_token")),
        ("scope".to_owned(), "rs1:write".to_owned()),
    ];
    case.expect(json(400, "invalid_scope"), case.app.token_as(X1, &form)).await;
    put(
        &case.app,
        [CUSTOMER, P1]
            .map(|key| {
                let key = doorward_core::id::ContextKey(key);
                Effect::RemoveMembership(doorward_tests::T1.into(), user_id(ALICE).into(), key, 1)
            })
            .into(),
    )
    .await;
    assert_eq!(told().await, value!({ "active": false }));
    case.expect(status(401), case.app.userinfo(&refreshed.text("access_token"))).await;
}

/// Given up at any moment between the request and the answer: whoever comes again is the first or is refused, and a new click works.
async fn at_020(case: &Case) {
    case.app.extend().await;
    let of = case.app.install(X1, (P1, "project/p-1"), ASKS).await;
    let redeemed = async || {
        let events = case.app.events().await;
        events.iter().filter(|event| event.kind == EventKind::LaunchRedeemed).count()
    };
    let mut polls = 0;
    for _ in 0..MOST_GIVEN_UP {
        let key = opened(&case.app, ALICE, &of).await;
        let before = redeemed().await;
        let answered = Racer::of("/token", X1, false, &key.form()).given_up(&case.app, polls).await;
        let again = [key.exchange(&case.app, X1).await, key.exchange(&case.app, X1).await];
        again[1].assert_error(400, "invalid_grant");
        if again[0].status != 200 {
            again[0].assert_error(400, "invalid_grant");
        }
        assert_eq!(redeemed().await - before, 1, "after {polls} polls");
        assert_eq!(opened(&case.app, ALICE, &of).await.exchange(&case.app, X1).await.status, 200);
        let Some(reply) = answered else {
            polls += 1;
            continue;
        };
        assert_eq!((reply.status, again[0].status), (200, 400), "after {polls} polls");
        if polls > 1 {
            return;
        }
        // What writes was done before the first poll was: it has still to be given up in its middle.
    }
    panic!("no launch was answered that could have been given up in its middle");
}

const MOST_GIVEN_UP: usize = 1000;
