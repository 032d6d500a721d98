//! Where a wire contract has no access tokens, none is made: no row of one that nobody gets, and no answer with nothing in it.

use std::sync::Arc;

use doorward_core::Reason;
use doorward_core::model::TokenFormat;
use doorward_core::policies::{AccessTokens, Policies};

use crate::cases::{OLDER, TokenCase};

static ID_ONLY: Policies =
    Policies { access_tokens: AccessTokens { are_issued: false, ..AccessTokens::STANDARD }, ..OLDER };

/// Requests for these scopes, at APIs whose tokens leave a row.
fn requests(scopes: &str) -> [(&'static str, TokenCase); 3] {
    let mut password = TokenCase::password();
    password.set("scope", scopes);
    let cases =
        [("code", TokenCase::code(scopes)), ("refresh", TokenCase::refresh(scopes)), ("password", password)];
    cases.map(|(name, mut case)| {
        for api in Arc::make_mut(&mut case.facts.apis) {
            api.token_format = TokenFormat::Opaque;
        }
        (name, case)
    })
}

#[test]
fn an_access_token_that_nobody_gets_is_not_made() {
    for (name, mut case) in requests("openid rs1:read") {
        let stores = |case: &TokenCase| case.outcome().1.contains(&"ticket access_token".to_owned());
        case.facts.policies = &OLDER;
        assert!(case.issued().access_token.is_some() && stores(&case), "{name}: elsewhere it is made");
        case.facts.policies = &ID_ONLY;
        let issued = case.issued();
        assert!(issued.access_token.is_none() && issued.id_token.is_some(), "{name}");
        assert!(issued.refresh_token.is_some() && !stores(&case), "{name}: {:?}", case.outcome());
    }
}

#[test]
fn a_request_that_would_be_answered_with_nothing_changes_nothing() {
    for (name, mut case) in requests("rs1:read") {
        case.facts.policies = &OLDER;
        assert_eq!(case.outcome().0, Ok(()), "{name}: elsewhere it is answered");
        case.facts.policies = &ID_ONLY;
        let (answer, effects) = case.outcome();
        assert_eq!(answer, Err(Reason::ScopeEmpty), "{name}");
        let issues = |effect: &String| {
            ["consume", "start", "rotate", "grant", "consent", "ticket", "event token"]
                .iter()
                .any(|word| effect.starts_with(word))
        };
        assert!(!effects.iter().any(issues), "{name}: {effects:?}");
    }
}
