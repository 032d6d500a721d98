//! The guard: a request to an API passes where its rule lets it, on a live token of that API, with the scopes that still count. RFC 6750, section
//! 3.1; RFC 9470, section 3; RFC 9068, section 4.

use std::sync::Arc;

use doorward_core::facts::HeldFacts;
use doorward_core::guard::{GuardRequest, Passed};
use doorward_core::login::acr::{ACR_LINK, ACR_MFA, ACR_PASSWORD};
use doorward_core::model::{Api, Life, RouteRule};
use doorward_core::permission::{Held, Permission};
use doorward_core::token::claims::{AccessClaims, InstalledClaims};
use doorward_core::token::read::Presented;
use doorward_core::{Facts, Reason};
use serde_json::json;

use crate::world::{self, ISSUER, NOW, RS1, RS2, ago, other_key, parse, signing_key, with_ctx};

/// A GET of `/orders/1` at RS1 with a live JWT of Alice's.
struct Case {
    token: Result<String, Reason>,
    facts: Facts,
    api: &'static str,
    method: &'static str,
    target: &'static str,
}

#[test]
fn a_live_token_of_the_api_passes_and_tells_who_it_is_of() {
    let passed = Case::new().passed().unwrap();
    assert_eq!(passed.user, Some("usr_alice".into()));
    assert_eq!((passed.client, passed.installation), (Some("web".into()), None));
    assert_eq!(passed.scopes, parse("openid rs1:read"), "what is of another API is not told to this one");

    let own = Case::own().passed().unwrap();
    assert_eq!((own.user, own.client, own.scopes), (None, Some("web".into()), parse("rs1:read")));

    let installed = Case::installed().passed().unwrap();
    assert_eq!((installed.user, installed.installation), (Some("usr_alice".into()), Some("ins_1".into())));
}

#[test]
fn what_is_dead_foreign_or_no_access_token_does_not_pass() {
    type Row = (&'static str, fn() -> Case, fn(&mut Case), Reason);
    let rows: &[Row] = &[
        ("no token", Case::new, |case| case.token = Err(Reason::TokenMissing), Reason::TokenMissing),
        ("two tokens", Case::new, |case| case.token = Err(Reason::TokenMalformed), Reason::TokenMalformed),
        ("garbage", Case::new, |case| case.token = Ok("garbage".to_owned()), Reason::TokenRevoked),
        ("expired", Case::new, |case| case.claims(|claims| claims.exp = NOW.seconds()), Reason::TokenExpired),
        (
            "another issuer's",
            Case::new,
            |case| case.claims(|claims| claims.iss = "https://id.example/t/t2".to_owned()),
            Reason::TokenRevoked,
        ),
        (
            "another API's",
            Case::new,
            |case| case.claims(|claims| claims.aud = vec![RS2.to_owned(), ISSUER.to_owned()].into()),
            Reason::TokenAudience,
        ),
        (
            "signed by somebody else",
            Case::new,
            |case| {
                let claims = serde_json::to_vec(&alices()).unwrap();
                case.token = Ok(doorward_crypto::jose::sign::sign(other_key(), "at+jwt", &claims));
            },
            Reason::TokenRevoked,
        ),
        (
            "a JWT of another type",
            Case::new,
            |case| {
                let claims = serde_json::to_vec(&alices()).unwrap();
                case.token = Ok(doorward_crypto::jose::sign::sign(signing_key(), "JWT", &claims));
            },
            Reason::TokenRevoked,
        ),
        (
            "an ID token",
            Case::new,
            |case| case.token = Ok(world::id_token("usr_alice", RS1, 10)),
            Reason::TokenRevoked,
        ),
        ("a refresh token", Case::new, |case| case.token = Ok(world::refresh_token(5)), Reason::TokenRevoked),
        (
            "a session token",
            Case::installed,
            |case| case.token = Ok(world::session_token()),
            Reason::TokenRevoked,
        ),
        (
            "a code",
            Case::new,
            |case| {
                let (code, found) = world::code("rs1:read");
                (case.token, case.facts.ticket) = (Ok(code), Some(found));
            },
            Reason::TokenRevoked,
        ),
        (
            "another tenant's: nothing is found",
            Case::new,
            |case| case.facts.grant = None,
            Reason::TokenRevoked,
        ),
        (
            "the grant was revoked",
            Case::new,
            |case| case.facts.grant.as_mut().unwrap().grant.ended_at = Some(ago(1)),
            Reason::TokenRevoked,
        ),
        (
            "the person was switched off",
            Case::new,
            |case| {
                let of = case.facts.grant.as_mut().unwrap();
                of.user.as_mut().unwrap().disabled_at = Some(ago(1));
            },
            Reason::TokenRevoked,
        ),
        (
            "the session ended",
            Case::new,
            |case| {
                let of = case.facts.grant.as_mut().unwrap();
                of.session.as_mut().unwrap().ended_at = Some(ago(1));
            },
            Reason::TokenRevoked,
        ),
        (
            "the installation was switched off",
            Case::installed,
            |case| {
                let of = case.facts.grant.as_mut().unwrap();
                let found = of.installation.as_mut().unwrap();
                found.installation.life = Life::Disabled { since: ago(1) };
            },
            Reason::TokenRevoked,
        ),
        ("a client's own, revoked", Case::own, |case| case.facts.marked = true, Reason::TokenRevoked),
        (
            "a client's own, the client switched off",
            Case::own,
            |case| Arc::make_mut(case.facts.client.as_mut().unwrap()).client.disabled_at = Some(ago(1)),
            Reason::TokenRevoked,
        ),
        ("no such API", Case::new, |case| case.api = "https://other.example", Reason::GuardApi),
        (
            "an API that is switched off",
            Case::new,
            |case| case.api().disabled_at = Some(ago(1)),
            Reason::GuardApi,
        ),
    ];
    for (name, new, change, reason) in rows {
        let mut case = new();
        assert!(case.passed().is_ok(), "{name}: before");
        change(&mut case);
        assert_eq!(case.passed().unwrap_err(), *reason, "{name}");
    }
}

#[test]
fn rules_are_asked_in_their_order_and_what_none_means_is_refused() {
    let rules = json!([
        { "path": "/health", "open": true },
        { "methods": ["GET"], "path": "/orders/**", "scopes": ["rs1:read"] },
        { "methods": ["POST", "PUT"], "path": "/orders/**", "scopes": ["rs1:read", "rs1:write"] },
        { "path": "/me" },
        { "methods": ["HEAD"], "path": "/size" },
    ]);
    let rows: [(&str, &str, Result<bool, Reason>); 21] = [
        ("GET", "/orders/1", Ok(true)),
        ("GET", "/orders?all=..//", Ok(true)),
        ("HEAD", "/orders/1", Ok(true)),
        ("DELETE", "/me", Ok(true)),
        ("HEAD", "/size", Ok(true)),
        ("GET", "/size", Err(Reason::GuardRoute)),
        ("GET", "/health", Ok(false)),
        ("DELETE", "/health?x", Ok(false)),
        ("POST", "/orders", Err(Reason::TokenScope)),
        ("DELETE", "/orders/1", Err(Reason::GuardRoute)),
        ("OPTIONS", "/orders/1", Err(Reason::GuardRoute)),
        ("GET", "/", Err(Reason::GuardRoute)),
        ("GET", "/bills", Err(Reason::GuardRoute)),
        ("GET", "/health/../orders", Err(Reason::GuardPath)),
        ("GET", "/health%2f..%2forders", Err(Reason::GuardPath)),
        ("GET", "//orders/1", Err(Reason::GuardPath)),
        ("GET", "/Orders/1", Err(Reason::GuardPath)),
        ("GET", "/health/", Err(Reason::GuardPath)),
        ("GET", "/orders;a=b/1", Err(Reason::GuardPath)),
        ("get", "/orders/1", Err(Reason::GuardPath)),
        ("", "/orders/1", Err(Reason::GuardPath)),
    ];
    for (method, target, expected) in rows {
        let mut case = Case::new();
        (case.method, case.target) = (method, target);
        case.rules(&rules);
        let found = case.passed().map(|passed| passed.user.is_some());
        assert_eq!(found, expected, "{method} {target}");
        // Nobody is let in anywhere but where it is open.
        case.token = Err(Reason::TokenMissing);
        assert_eq!(case.passed().is_ok(), expected == Ok(false), "{method} {target}");
    }
}

#[test]
fn a_scope_counts_as_long_as_the_person_may_do_it_and_it_is_consented_to_there() {
    let rules = json!([{ "path": "/**", "scopes": ["rs1:read"] }]);
    let mut case = Case::new();
    case.rules(&rules);
    case.api().scopes[0].permission = Permission::parse("orders:read").ok();
    let held = |permission: &str| HeldFacts {
        roles: vec![Held {
            role: "reader".into(),
            permissions: Permission::parse(permission).into_iter().collect(),
            requires_second_factor: false,
            context: None,
        }],
        client: None,
    };
    for (permission, expected) in
        [("orders:read", Ok(())), ("orders:*", Ok(())), ("orders:write", Err(Reason::TokenScope))]
    {
        case.facts.held = Some(held(permission));
        assert_eq!(case.passed().map(drop), expected, "{permission}");
    }
    case.facts.held = None;
    assert_eq!(case.passed().unwrap_err(), Reason::TokenScope, "they hold nothing any more");

    let mut installed = Case::installed();
    installed.rules(&rules);
    assert!(installed.passed().is_ok());
    let of = installed.facts.grant.as_mut().unwrap();
    of.installation.as_mut().unwrap().installation.scopes = parse("openid");
    assert_eq!(installed.passed().unwrap_err(), Reason::TokenScope);
}

#[test]
fn a_sign_in_is_strong_and_recent_enough() {
    let rows = [
        (json!({ "path": "/**" }), Ok(())),
        (json!({ "path": "/**", "max_age": 900 }), Ok(())),
        (json!({ "path": "/**", "max_age": 899 }), Err(Reason::TokenSignIn)),
        (json!({ "path": "/**", "acr": ACR_LINK }), Ok(())),
        (json!({ "path": "/**", "acr": ACR_PASSWORD, "max_age": 900 }), Ok(())),
        (json!({ "path": "/**", "acr": ACR_MFA }), Err(Reason::TokenSignIn)),
        (json!({ "path": "/**", "acr": "urn:unknown" }), Err(Reason::TokenSignIn)),
        // What can be got without signing in again is told first.
        (json!({ "path": "/**", "scopes": ["rs1:write"], "max_age": 1 }), Err(Reason::TokenScope)),
    ];
    for (rule, expected) in rows {
        let mut case = Case::new();
        case.rules(&json!([rule]));
        assert_eq!(case.passed().map(drop), expected, "{rule}");
        let mut own = Case::own();
        own.rules(&json!([rule]));
        let asks = rule.get("acr").is_some() || rule.get("max_age").is_some();
        assert_eq!(own.passed().is_err(), asks || expected.is_err(), "a client signs in nowhere: {rule}");
    }
}

/// A platform's key or ticket says when it was used, which is no sign-in.
#[test]
fn what_rests_on_no_sign_in_is_never_recent() {
    for (acr, expected) in
        [(Some(ACR_LINK), Ok(())), (Some("0"), Err(Reason::TokenSignIn)), (None, Err(Reason::TokenSignIn))]
    {
        let mut case = Case::new();
        case.rules(&json!([{ "path": "/**", "max_age": 900 }]));
        case.claims(|claims| claims.acr = acr.map(str::to_owned));
        assert_eq!(case.passed().map(drop), expected, "{acr:?}");
    }
}

/// Whatever else there is, what is added to a rule lets nothing more through, and neither does another spelling of a path.
#[test]
fn a_stricter_rule_never_lets_more_through() {
    type Restriction = (&'static str, fn(&mut RouteRule));
    let restrictions: [Restriction; 5] = [
        ("a scope", |rule| rule.scopes.push("rs1:write".to_owned())),
        ("a class", |rule| rule.acr = Some(ACR_MFA.to_owned())),
        ("an age", |rule| rule.max_age = Some(1)),
        ("a scope that she has", |rule| rule.scopes.push("rs1:read".to_owned())),
        ("not open", |rule| rule.open = false),
    ];
    let paths = ["/**", "/a/**", "/a", "/a/", "/a/*", "/b"];
    let targets = ["/", "/a", "/A", "/a/", "/a/b", "/%61", "/b", "/a//b", "/a/../b"];
    let rule = |seed: usize| RouteRule {
        methods: if seed.is_multiple_of(3) { vec!["GET".to_owned()] } else { Vec::new() },
        path: paths[seed % paths.len()].to_owned(),
        scopes: if seed.is_multiple_of(2) { vec!["rs1:read".to_owned()] } else { Vec::new() },
        open: seed % 7 == 1,
        ..RouteRule::default()
    };
    let mut case = Case::new();
    let mut request = case.request();
    let mut passes = |rules: &[RouteRule], method: &str, target: &str| {
        case.api().guard.routes = rules.to_vec();
        (request.method, request.target) = (method.to_owned(), target.to_owned());
        with_ctx(NOW, |ctx| request.decide(&case.facts, ctx)).answer.is_ok()
    };
    let (mut passed, mut closed) = (0, 0);
    for seed in 0..216 {
        let rules: Vec<RouteRule> = [seed % 6, seed / 6 % 6 + 7, seed / 36 + 14].map(rule).into();
        for (method, target) in ["GET", "POST"].into_iter().flat_map(|method| targets.map(|to| (method, to)))
        {
            let may = passes(&rules, method, target);
            passed += usize::from(may);
            for (at, (name, restrict)) in (0..rules.len()).flat_map(|at| restrictions.map(|with| (at, with)))
            {
                let mut stricter = rules.clone();
                restrict(&mut stricter[at]);
                let still = passes(&stricter, method, target);
                closed += usize::from(may && !still);
                assert!(may || !still, "{name} of rule {at} in {rules:?} lets {method} {target} through");
            }
        }
    }
    assert!(passed > 100 && closed > 100, "{passed} passed, {closed} closed");
}

#[test]
fn everything_is_read_anew() {
    let needs = Case::own().request().needs();
    assert!(needs.fresh && needs.mark.is_some() && needs.client.is_some());
    assert!(Case::new().request().needs().grant.is_some());
    let mut case = Case::new();
    case.token = Err(Reason::TokenMissing);
    assert_eq!(case.request().needs(), doorward_core::Needs { fresh: true, ..Default::default() });
}

fn alices() -> AccessClaims {
    world::access_claims(Some(&world::grant("openid rs1:read rs2:read")), "openid rs1:read rs2:read", &[RS1])
}

impl Case {
    fn of(token: String, facts: Facts) -> Self {
        Self { token: Ok(token), facts, api: RS1, method: "GET", target: "/orders/1" }
    }

    fn new() -> Self {
        let mut facts = world::facts();
        facts.grant = Some(world::grant_facts(world::grant("openid rs1:read rs2:read")));
        Self::of(world::jwt(&alices()), facts)
    }

    fn own() -> Self {
        let mut facts = world::facts();
        facts.client = Some(world::client_facts(world::client()));
        Self::of(world::jwt(&world::access_claims(None, "rs1:read", &[RS1])), facts)
    }

    fn installed() -> Self {
        let mut facts = world::facts();
        let of = world::installed(world::grant_facts(world::grant("openid rs1:read")));
        let told = InstalledClaims::of(of.installation.as_deref().unwrap());
        facts.grant = Some(of);
        Self::of(world::jwt(&AccessClaims { installed: told, ..alices() }), facts)
    }

    fn claims(&mut self, change: impl FnOnce(&mut AccessClaims)) {
        let mut claims = alices();
        change(&mut claims);
        self.token = Ok(world::jwt(&claims));
    }

    fn api(&mut self) -> &mut Api {
        Arc::make_mut(&mut self.facts.apis).iter_mut().find(|api| api.id.as_str() == RS1).unwrap()
    }

    fn rules(&mut self, rules: &serde_json::Value) {
        self.api().guard.routes = serde_json::from_value(rules.clone()).unwrap();
    }

    fn request(&self) -> GuardRequest {
        let issuer = &self.facts.issuer;
        let read = |token: &String| Presented::read(token, &issuer.id, &issuer.url, &self.facts.keys);
        GuardRequest {
            api: self.api.into(),
            method: self.method.to_owned(),
            target: self.target.to_owned(),
            https: false,
            token: self.token.as_ref().map(read).map_err(|reason| *reason),
        }
    }

    fn passed(&self) -> Result<Passed, Reason> {
        let decision = with_ctx(NOW, |ctx| self.request().decide(&self.facts, ctx));
        assert!(decision.effects.is_empty());
        decision.answer.map_err(|refusal| refusal.reason)
    }
}
