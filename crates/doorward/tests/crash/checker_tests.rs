//! The checker finds what is planted, and nothing where nothing is.

use std::time::Duration;

use super::check;
use crate::history::{Entry, Op, Outcome};

const UNKNOWN: Outcome = Outcome::Unknown;
const DONE: Outcome = Outcome::Done;

fn line(from_ms: u64, to_ms: u64, op: Op, outcome: Outcome) -> Entry {
    Entry { op, invoked: Duration::from_millis(from_ms), done: Duration::from_millis(to_ms), outcome }
}

fn authorize() -> Op {
    authorize_for(false)
}

fn authorize_for(offline: bool) -> Op {
    Op::Authorize { client: "web", session: "s".into(), offline }
}

fn redeem() -> Op {
    Op::Redeem { code: "c".into() }
}

fn refresh(parent: &str) -> Op {
    Op::Refresh { parent: parent.into() }
}

fn revoke(token: &str) -> Op {
    Op::Revoke { token: token.into() }
}

fn introspect(token: &str) -> Op {
    Op::Introspect { token: token.into() }
}

fn sign_out() -> Op {
    Op::SignOut { session: "s".into() }
}

fn tokens(n: u64) -> Outcome {
    Outcome::Tokens { access: format!("a{n}"), refresh: format!("r{n}") }
}

fn refused(error: &str) -> Outcome {
    Outcome::Refused(error.into())
}

/// A session at 0–10 ms, code `c` at 20–30, tokens `a1` and `r1` at 40–50, then `more`.
fn history(more: impl IntoIterator<Item = Entry>) -> Vec<Entry> {
    let mut entries = vec![
        line(0, 10, Op::SignIn { session: "s".into() }, DONE),
        line(20, 30, authorize(), Outcome::Code("c".into())),
        line(40, 50, redeem(), tokens(1)),
    ];
    entries.extend(more);
    entries
}

#[track_caller]
fn fine(more: impl IntoIterator<Item = Entry>) {
    assert_eq!(check(&history(more)), Vec::<String>::new());
}

#[track_caller]
fn found(what: &str, more: impl IntoIterator<Item = Entry>) {
    let violations = check(&history(more));
    assert!(violations.iter().any(|violation| violation.starts_with(what)), "{what}? {violations:?}");
}

#[test]
fn an_honest_history_is_fine() {
    fine([
        line(60, 70, refresh("r1"), tokens(2)),
        line(80, 90, introspect("a1"), Outcome::Active(true)),
        line(100, 110, refresh("r2"), UNKNOWN),
        line(300, 310, refresh("r2"), tokens(4)),
        line(320, 330, revoke("a4"), DONE),
        line(340, 350, introspect("a4"), Outcome::Active(false)),
        line(360, 370, refresh("r4"), refused("invalid_grant")),
        line(380, 390, redeem(), refused("invalid_grant")),
    ]);
}

#[test]
fn what_is_not_known_may_be_either() {
    for active in [true, false] {
        fine([line(60, 70, revoke("a1"), UNKNOWN), line(80, 90, introspect("a1"), Outcome::Active(active))]);
        fine([line(60, 70, sign_out(), UNKNOWN), line(80, 90, introspect("a1"), Outcome::Active(active))]);
        // Asked while the revocation was under way.
        fine([line(60, 90, revoke("a1"), DONE), line(70, 80, introspect("a1"), Outcome::Active(active))]);
    }
}

#[test]
fn a_retry_has_the_same_successor() {
    fine([
        line(60, 80, refresh("r1"), Outcome::Tokens { access: "a2".into(), refresh: "r2".into() }),
        line(60, 90, refresh("r1"), Outcome::Tokens { access: "a3".into(), refresh: "r2".into() }),
    ]);
    found(
        "a refresh token has two successors",
        [line(60, 80, refresh("r1"), tokens(2)), line(60, 90, refresh("r1"), tokens(3))],
    );
}

#[test]
fn a_code_redeemed_twice_is_found() {
    found("a code was redeemed 2 times", [line(45, 60, redeem(), tokens(2))]);
    found(
        "a code was redeemed 2 times",
        [line(60, 70, redeem(), UNKNOWN), line(80, 90, redeem(), tokens(2))],
    );
}

#[test]
fn a_lost_token_is_found() {
    found("an acknowledged token was lost", [line(60, 70, introspect("a1"), Outcome::Active(false))]);
    found("an acknowledged refresh token was lost", [line(60, 70, refresh("r1"), refused("invalid_grant"))]);
    found(
        "an acknowledged refresh token was lost",
        [line(60, 70, refresh("r1"), UNKNOWN), line(80, 90, refresh("r1"), refused("invalid_grant"))],
    );
    // A revocation that came later is no excuse.
    found(
        "an acknowledged token was lost",
        [line(60, 70, introspect("a1"), Outcome::Active(false)), line(80, 90, revoke("a1"), DONE)],
    );
}

#[test]
fn a_lost_code_is_found() {
    let mut entries = history([]);
    entries.pop();
    entries.push(line(40, 50, redeem(), refused("invalid_grant")));
    assert!(check(&entries)[0].starts_with("an honest code was refused"));
    entries.insert(2, line(32, 36, redeem(), UNKNOWN));
    assert_eq!(check(&entries), Vec::<String>::new());
}

#[test]
fn a_revocation_that_did_not_hold_is_found() {
    let over = line(60, 70, revoke("r1"), DONE);
    found(
        "a token that was revoked came back",
        [over.clone(), line(80, 90, introspect("a1"), Outcome::Active(true))],
    );
    found("a token that was revoked came back", [over, line(80, 90, refresh("r1"), tokens(2))]);
}

#[test]
fn a_sign_out_that_did_not_hold_is_found() {
    let over = line(60, 70, sign_out(), DONE);
    found(
        "a session that was signed out came back",
        [over.clone(), line(80, 90, authorize(), Outcome::Code("d".into()))],
    );
    found("a token that was revoked came back", [over, line(80, 90, refresh("r1"), tokens(2))]);
}

#[test]
fn an_offline_grant_outlives_its_session() {
    let offline = |active| {
        let mut entries = history([
            line(60, 70, sign_out(), DONE),
            line(80, 90, introspect("a1"), Outcome::Active(active)),
        ]);
        entries[1].op = authorize_for(true);
        check(&entries)
    };
    assert_eq!(offline(true), Vec::<String>::new());
    assert!(offline(false)[0].starts_with("an acknowledged token was lost"));
}

#[test]
fn a_lost_session_is_found() {
    found("an acknowledged session was lost", [line(60, 70, authorize(), refused("login_required"))]);
    fine([line(60, 70, sign_out(), UNKNOWN), line(80, 90, authorize(), refused("login_required"))]);
}

#[test]
fn a_code_shown_again_late_ends_its_grant() {
    let again = |at_s: u64| line(at_s * 1000, at_s * 1000 + 10, redeem(), refused("invalid_grant"));
    let read = |active| line(40_000, 40_010, introspect("a1"), Outcome::Active(active));
    fine([again(30), read(false)]);
    found("a token that was revoked came back", [again(30), read(true)]);
    fine([again(5), read(true)]);
    found("an acknowledged token was lost", [again(5), read(false)]);
}

#[test]
fn an_outage_that_looks_like_a_denial_is_found() {
    found("an unlawful answer", [line(60, 70, refresh("r1"), refused("invalid_client"))]);
    found("an unlawful answer", [line(60, 70, redeem(), refused("500"))]);
    found("an honest request was refused", [line(60, 70, revoke("a1"), refused("500"))]);
    found("an honest authorization request was refused", [line(60, 70, authorize(), refused("500"))]);
}

#[test]
fn what_is_given_twice_is_found() {
    found("a code was given twice", [line(60, 70, authorize(), Outcome::Code("c".into()))]);
    found(
        "a token was given twice",
        [line(60, 70, refresh("r1"), Outcome::Tokens { access: "a1".into(), refresh: "r2".into() })],
    );
}
