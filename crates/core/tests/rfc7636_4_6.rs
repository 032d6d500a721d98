//! RFC 7636, sections 4.1 to 4.6: the verifier must hash to the challenge; RFC 9700, section 4.8.2: no downgrade.

use doorward_core::{Effect, Reason};

use crate::cases::{Row, TokenCase, assert_rows, assert_steps};
use crate::world::{CHALLENGE, VERIFIER, challenge_of};

#[test]
fn verifying() {
    const COUNTED: &[&str] = &["event code.refused pkce.wrong_verifier", "count failure"];
    let rows: &[Row<TokenCase>] = &[
        ("the right verifier", |_| (), Ok(()), &["consume", "start 1", "event code.redeemed"]),
        (
            "another verifier",
            |case| case.set("code_verifier", &"a".repeat(43)),
            Err(Reason::PkceVerifierWrong),
            COUNTED,
        ),
        (
            "the challenge itself",
            |case| case.set("code_verifier", CHALLENGE),
            Err(Reason::PkceVerifierWrong),
            COUNTED,
        ),
        (
            "one character more",
            |case| case.set("code_verifier", &format!("{VERIFIER}A")),
            Err(Reason::PkceVerifierWrong),
            COUNTED,
        ),
        (
            "the other case",
            |case| case.set("code_verifier", &VERIFIER.to_uppercase()),
            Err(Reason::PkceVerifierWrong),
            COUNTED,
        ),
        (
            "42 characters that hash to it",
            |case| fit(case, &"a".repeat(42)),
            Err(Reason::PkceVerifierWrong),
            COUNTED,
        ),
        (
            "43 characters",
            |case| fit(case, &"a".repeat(43)),
            Ok(()),
            &["consume", "start 1", "event code.redeemed"],
        ),
        (
            "128 characters",
            |case| fit(case, &"~".repeat(128)),
            Ok(()),
            &["consume", "start 1", "event code.redeemed"],
        ),
        (
            "129 characters that hash to it",
            |case| fit(case, &"a".repeat(129)),
            Err(Reason::PkceVerifierWrong),
            COUNTED,
        ),
        (
            "a reserved character",
            |case| fit(case, &format!("{}+", "a".repeat(43))),
            Err(Reason::PkceVerifierWrong),
            COUNTED,
        ),
        (
            "no verifier",
            |case| case.without("code_verifier"),
            Err(Reason::PkceVerifierMissing),
            &["event code.refused pkce.missing_verifier"],
        ),
        (
            "a verifier where there was no challenge",
            |case| case.ticket().code_challenge = None,
            Err(Reason::PkceDowngrade),
            &["event code.refused pkce.downgrade"],
        ),
        (
            "neither",
            |case| {
                case.ticket().code_challenge = None;
                case.without("code_verifier");
            },
            Ok(()),
            &["consume", "start 1", "event code.redeemed"],
        ),
        (
            "burnt, with the right verifier",
            |case| {
                case.ticket().failures = 5;
                case.ticket().consumed_at = Some(crate::world::ago(1));
            },
            Err(Reason::CodeBurnt),
            &["event code.refused code.burnt"],
        ),
        (
            "four failures, then the right verifier",
            |case| case.ticket().failures = 4,
            Ok(()),
            &["consume", "start 1", "event code.redeemed"],
        ),
        (
            "a wrong redirect URI is not counted",
            |case| case.set("redirect_uri", "https://app.example/cb2"),
            Err(Reason::CodeRedirectMismatch),
            &["event code.refused code.redirect_mismatch"],
        ),
    ];
    assert_rows(|| TokenCase::code("openid rs1:read"), TokenCase::outcome, rows);
}

#[test]
fn a_failure_is_counted_on_the_code_that_was_tried() {
    let mut case = TokenCase::code("openid");
    let key = case.ticket().key;
    case.set("code_verifier", &"a".repeat(43));
    let counted = case.decide().effects.into_iter().any(
        |effect| matches!(effect, Effect::CountTicketFailure { key: found, tenant, .. } if found == key && tenant.as_str() == "t1"),
    );
    assert!(counted);
}

/// Section 4.3: the challenge of an authorization request; RFC 9700, section 2.1.1.
#[test]
fn challenging() {
    assert_steps(&[
        ("S256", |_| (), "code"),
        ("method left out", |case| case.without("code_challenge_method"), "error authz.pkce_malformed"),
        ("plain", |case| case.set("code_challenge_method", "plain"), "error authz.pkce_malformed"),
        ("s256", |case| case.set("code_challenge_method", "s256"), "error authz.pkce_malformed"),
        ("42 characters", |case| case.set("code_challenge", &CHALLENGE[1..]), "error authz.pkce_malformed"),
        (
            "44 characters",
            |case| case.set("code_challenge", &format!("{CHALLENGE}A")),
            "error authz.pkce_malformed",
        ),
        ("padded", |case| case.set("code_challenge", &format!("{CHALLENGE}=")), "error authz.pkce_malformed"),
        (
            "no challenge",
            |case| {
                case.without("code_challenge");
                case.without("code_challenge_method");
            },
            "error authz.pkce_missing",
        ),
        ("a method alone", |case| case.without("code_challenge"), "error authz.pkce_missing"),
        (
            "none, by a confidential client that need not",
            |case| {
                case.client().require_pkce = false;
                case.without("code_challenge");
                case.without("code_challenge_method");
            },
            "code",
        ),
        (
            "a method alone, by a client that need not",
            |case| {
                case.client().require_pkce = false;
                case.without("code_challenge");
            },
            "error authz.pkce_missing",
        ),
        (
            "none, by a public client said to need none",
            |case| {
                case.make_public();
                case.client().require_pkce = false;
                case.without("code_challenge");
                case.without("code_challenge_method");
            },
            "error authz.pkce_missing",
        ),
    ]);
}

fn fit(case: &mut TokenCase, verifier: &str) {
    case.ticket().code_challenge = Some(challenge_of(verifier));
    case.set("code_verifier", verifier);
}
