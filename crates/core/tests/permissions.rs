//! Effective permission over random grants: what a token says is never more than was granted, than the client may still have, than was
//! asked for, or than the APIs that it is for. `DOORWARD_TEST_SEED` repeats a run, `DOORWARD_TEST_LONG=1` tries 100,000 grants.

use std::sync::Arc;

use doorward_core::facts::ClientFacts;
use doorward_core::model::{Api, Grant};
use doorward_core::permission::is_openid_scope;
use doorward_crypto::random::{Random, SeededRandom, SystemRandom, array};
use doorward_wire::scope::Scopes;

use crate::cases::{Said, TokenCase};
use crate::world::{self, ISSUER, ago};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const WORDS: [&str; 10] = [
    "openid",
    "profile",
    "offline_access",
    "a:read",
    "a:write",
    "b:read",
    "b:write",
    "c:read",
    "d:read",
    "x:none",
];

#[test]
fn no_token_is_wider_than_its_grant() {
    let seed = match std::env::var("DOORWARD_TEST_SEED") {
        Ok(text) => text.parse().unwrap(),
        Err(_) => u64::from_be_bytes(array(&mut SystemRandom)) >> 16,
    };
    println!("permissions: DOORWARD_TEST_SEED={seed}");
    let tries =
        if std::env::var("DOORWARD_TEST_LONG").is_ok_and(|long| long == "1") { 100_000 } else { 4_000 };
    let mut dice = Dice(SeededRandom::new(seed));
    let templates =
        [TokenCase::refresh("openid"), TokenCase::code("openid"), TokenCase::client_credentials()];
    let mut issued = 0;
    for number in 0..tries {
        let case = dice.case(&templates[number % templates.len()]);
        let is_of_grant = number % templates.len() != 2;
        if let Ok(answer) = case.decide().answer {
            issued += 1;
            look(&case, Said::of(answer), is_of_grant, &format!("seed {seed}, grant {number}"));
        }
    }
    assert!(issued > tries / 8, "only {issued} of {tries} were issued: nothing is shown");
}

fn look(case: &TokenCase, said: Said, is_of_grant: bool, name: &str) {
    let facts = &case.facts;
    let client = &facts.client.as_ref().unwrap().client;
    let scopes = Scopes::parse(&said.scope).unwrap();
    let apis: Vec<&Api> = facts.apis.iter().filter(|api| said.aud.contains(&api.id.0)).collect();
    let of = |name: &str| {
        case.form
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .collect::<Vec<_>>()
    };
    let context = format!("{name}: {:?} for {:?}, asked {:?}", said.scope, said.aud, case.form);

    assert!(scopes.is_subset(&client.scopes), "more than the client may have: {context}");
    // A code takes no scope: what it is for was asked before (RFC 6749, section 4.1.3).
    if let ([asked], true) = (&of("scope")[..], of("grant_type") != ["authorization_code"]) {
        assert!(scopes.is_subset(&Scopes::parse(asked).unwrap()), "more than was asked for: {context}");
    }
    for scope in scopes.iter() {
        let belongs = is_openid_scope(scope) || apis.iter().any(|api| api.has_scope(scope));
        assert!(belongs, "{scope} belongs to nothing that the token is for: {context}");
    }
    for api in &apis {
        assert!(
            api.disabled_at.is_none() && client.apis.contains(&api.id),
            "an API that the client may not use: {context}"
        );
        let asked = of("resource");
        assert!(
            asked.is_empty() || asked.contains(&api.id.as_str()),
            "an API that was not asked for: {context}"
        );
    }
    for name in &said.aud {
        assert!(
            name == ISSUER || apis.iter().any(|api| api.id.0 == *name),
            "an audience that nobody is: {context}"
        );
    }
    assert_eq!(
        said.aud.contains(&ISSUER.to_owned()),
        scopes.contains("openid") || apis.is_empty(),
        "{context}"
    );
    assert_eq!(said.id_claims.is_some(), is_of_grant && scopes.contains("openid"), "{context}");
    if is_of_grant {
        look_at_grant(case, &scopes, &apis, &context);
    } else {
        assert!(!scopes.iter().any(is_openid_scope) && said.refresh.is_none(), "{context}");
    }
}

fn look_at_grant(case: &TokenCase, scopes: &Scopes, apis: &[&Api], context: &str) {
    let of_ticket = case.facts.ticket.as_ref().and_then(|found| found.grant.as_ref());
    let grant: &Grant = &case.facts.grant.as_ref().or(of_ticket).unwrap().grant;
    let context = format!("{context}, granted {} at {:?}", grant.scopes, grant.resources);
    assert!(scopes.is_subset(&grant.scopes), "more than was granted: {context}");
    // What names nothing but what is about people is for the issuer; what names nothing at all is for the only API.
    let names_something = grant.scopes.iter().any(|scope| scope == "openid" || !is_openid_scope(scope));
    for api in apis {
        if !grant.resources.is_empty() {
            assert!(grant.resources.contains(&api.id.0), "an API that was not granted: {context}");
        } else if names_something {
            assert!(
                grant.scopes.iter().any(|scope| api.has_scope(scope)),
                "an API that was not granted: {context}"
            );
        }
    }
}

struct Dice(SeededRandom);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_be_bytes(bytes) % end
    }

    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn words(&mut self, often: u64) -> Scopes {
        let chosen: Vec<&str> = WORDS.into_iter().filter(|_| self.below(4) < often).collect();
        world::parse(&chosen.join(" "))
    }

    fn resources(&mut self, once_in: u64) -> Vec<String> {
        NAMES.iter().filter(|_| self.once_in(once_in)).map(|name| format!("https://{name}.example")).collect()
    }

    /// The template with APIs, a client, a grant and a request of chance.
    fn case(&mut self, template: &TokenCase) -> TokenCase {
        let mut facts = template.facts.clone();
        let apis = NAMES.iter().map(|name| {
            let mut api = world::api(&format!("https://{name}.example"), name, "jwt");
            api.disabled_at = self.once_in(8).then(|| ago(1));
            api
        });
        facts.apis = Arc::new(apis.collect());
        let client: &mut ClientFacts = Arc::make_mut(facts.client.as_mut().unwrap());
        client.client.scopes = self.words(3);
        client.client.default_scopes = if self.once_in(2) { self.words(2) } else { Scopes::default() };
        client.client.apis = self.resources(2).into_iter().map(Into::into).collect();
        let mut form = template.form.clone();
        if self.once_in(3) {
            let scope = self.words(1).to_string();
            if !scope.is_empty() {
                form.push(("scope".to_owned(), scope));
            }
        }
        if self.once_in(4) {
            form.extend(self.resources(3).into_iter().map(|resource| ("resource".to_owned(), resource)));
        }
        let mut case = TokenCase {
            facts,
            credentials: template.credentials.clone(),
            form,
            shown: None,
            now: template.now,
        };
        if case.facts.grant.is_some() || case.facts.ticket.is_some() {
            let grant = &mut case.grant().grant;
            grant.scopes = self.words(2);
            grant.offline = grant.scopes.contains("offline_access");
            grant.resources = if self.once_in(2) { Vec::new() } else { self.resources(2) };
        }
        case
    }
}
