//! Section 2 of the design: nothing is alive by itself. Every path that issues or confirms × every dead state.
//!
//! Both sides are lists. A new grant type has no path until one is written in `paths`, and the first test says so; a new state has
//! to say what it does to the facts, because the match over them is exhaustive.

mod dead;
mod paths;

use doorward_core::facts::{Belonging, GrantFacts};
use doorward_core::grant::GRANTS;
use doorward_core::may_issue::may_issue;
use doorward_core::{Facts, Reason, Timestamp};

use crate::cases::TokenCase;
use crate::world::{self, NOW, ago};
use dead::Dead;
use paths::PATHS;

#[test]
fn every_grant_type_has_a_path() {
    for grant in GRANTS {
        assert!(PATHS.iter().any(|path| path.name == grant.name), "no path for {}", grant.name);
    }
}

#[test]
fn alive_every_path_issues_or_confirms() {
    for path in PATHS {
        for offline in [false, true] {
            let (facts, presented) = (path.new)(offline);
            assert_eq!((path.go)(&facts, &presented), None, "{} offline: {offline}", path.name);
        }
    }
}

#[test]
fn every_path_is_closed_by_every_dead_state_of_what_it_hangs_on() {
    let mut failed = String::new();
    let mut cells = 0;
    for path in PATHS {
        for offline in [false, true] {
            for dead in Dead::ALL {
                let (mut facts, presented) = (path.new)(offline);
                let speaks_of_it = dead.apply(&mut facts);
                let hangs = path.hangs_on.contains(&dead.noun());
                let cell = format!("\n{} offline: {offline} × {dead:?}: ", path.name);
                if hangs && !speaks_of_it && !is_unspoken(path.name, *dead) {
                    failed.push_str(&format!("{cell}the facts say nothing of it"));
                }
                if !hangs || !speaks_of_it || is_no_matter(path.name, offline, *dead) {
                    continue;
                }
                cells += 1;
                match (path.go)(&facts, &presented) {
                    None => failed.push_str(&format!("{cell}still alive")),
                    Some(code)
                        if GRANTS.iter().any(|grant| grant.name == path.name)
                            && code != dead.code(path.name) =>
                    {
                        failed.push_str(&format!("{cell}{code:?}"));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed}");
    assert!(cells > 200, "only {cells} cells");
}

/// Two deaths are not less than one: no state hides another.
#[test]
fn no_two_dead_states_make_a_live_one() {
    for path in PATHS {
        let counts =
            |dead: &&Dead| path.hangs_on.contains(&dead.noun()) && !is_no_matter(path.name, false, **dead);
        for first in Dead::ALL.iter().filter(counts) {
            for second in Dead::ALL {
                let (mut facts, presented) = (path.new)(false);
                if first.apply(&mut facts) {
                    second.apply(&mut facts);
                    assert!(
                        (path.go)(&facts, &presented).is_some(),
                        "{}: {first:?} and {second:?}",
                        path.name
                    );
                }
            }
        }
    }
}

/// The gate itself, and its reasons.
#[test]
fn the_gate_names_what_is_dead() {
    let reason = |dead: Dead| {
        let mut facts = world::facts();
        facts.grant = Some(world::grant_facts(world::grant("openid")));
        dead.apply(&mut facts);
        may_issue(facts.grant.as_ref().unwrap(), NOW).unwrap_err()
    };
    let reasons = [
        (Dead::TenantRowDisabled, Reason::TenantDisabled),
        (Dead::TenantRowGone, Reason::TenantDisabled),
        (Dead::ClientRowDisabled, Reason::ClientDisabled),
        (Dead::ClientRowGone, Reason::ClientDisabled),
        (Dead::UserDisabled, Reason::UserDisabled),
        (Dead::UserLocked, Reason::UserLocked),
        (Dead::UserRemoved, Reason::UserRemoved),
        (Dead::UserValidFromLater, Reason::BeforeValidFrom),
        (Dead::ConsentEnded, Reason::ConsentEnded),
        (Dead::ConsentGone, Reason::ConsentEnded),
        (Dead::SessionEnded, Reason::SessionEnded),
        (Dead::SessionGone, Reason::SessionEnded),
        (Dead::SessionIdle, Reason::SessionExpired),
        (Dead::SessionExpired, Reason::SessionExpired),
        (Dead::GrantEnded, Reason::GrantEnded),
        (Dead::GrantIdle, Reason::GrantExpired),
        (Dead::GrantExpired, Reason::GrantExpired),
    ];
    for (dead, expected) in reasons {
        assert_eq!(reason(dead), expected, "{dead:?}");
    }
}

/// A session token names the moment at which it was made: what its person could do from then on counts, and nothing that came later.
#[test]
fn a_session_token_stands_on_what_was_there_when_it_was_made() {
    type Change<'a> = &'a dyn Fn(&mut Facts, Timestamp);
    let made_at = world::session_claims().made_at;
    let exchanged = |change: Change<'_>, since: Timestamp| {
        let mut case = TokenCase::session_token();
        change(&mut case.facts, since);
        case.outcome().0.err()
    };
    let changes: [(&str, Change<'_>); 2] = [
        ("membership", &|facts, since| {
            facts.installation.as_mut().unwrap().belongs = Belonging::Since(since);
        }),
        ("person", &|facts, since| facts.user.as_mut().unwrap().user.valid_from = Some(since)),
    ];
    for (name, change) in changes {
        assert_eq!(exchanged(change, made_at), None, "{name}");
        let later = exchanged(change, made_at.plus_ms(1));
        assert_eq!(later, Some(Reason::SubjectTokenInvalid), "{name}");
    }
}

/// The edges: the last moment of each lifetime is alive, the next is not.
#[test]
fn lifetimes_end_when_they_say() {
    type Edge = (&'static str, fn(&mut GrantFacts));
    let edges: &[Edge] = &[
        ("session idle", |of| of.session.as_mut().unwrap().used_at = ago(1800).plus_ms(1)),
        ("session absolute", |of| of.session.as_mut().unwrap().expires_at = NOW.plus_ms(1)),
        ("grant idle", |of| (of.grant.used_at, of.grant.idle_ms) = (ago(10), 10_001)),
        ("grant absolute", |of| of.grant.expires_at = NOW.plus_ms(1)),
    ];
    for (name, change) in edges {
        let mut of = world::grant_facts(world::grant("openid"));
        change(&mut of);
        assert_eq!(may_issue(&of, NOW), Ok(()), "{name}");
        assert!(may_issue(&of, NOW.plus_ms(1)).is_err(), "{name}");
    }
    let mut of = world::grant_facts(world::grant("openid"));
    of.user.as_mut().unwrap().valid_from = Some(of.grant.created_at);
    assert_eq!(may_issue(&of, NOW), Ok(()), "made at the moment from which it is valid");
}

/// Only disabled and locked can be cleared; what was cleared works again.
#[test]
fn what_is_switched_on_again_lives_and_valid_from_stays() {
    let mut of = world::grant_facts(world::grant("openid"));
    let user = of.user.as_mut().unwrap();
    (user.disabled_at, user.valid_from) = (Some(ago(5)), Some(ago(5)));
    assert_eq!(may_issue(&of, NOW), Err(Reason::UserDisabled));
    of.user.as_mut().unwrap().disabled_at = None;
    assert_eq!(may_issue(&of, NOW), Err(Reason::BeforeValidFrom), "what was before stays dead");
}

/// States that the facts of a path cannot speak of, though it hangs on their noun.
fn is_unspoken(path: &str, dead: Dead) -> bool {
    match dead {
        // A client's own token, a password and a session hang on no grant.
        Dead::OfAnotherIssuer => matches!(
            path,
            "client_credentials"
                | "password"
                | "authorization by a session"
                | "an installation's own token"
                | "urn:ietf:params:oauth:grant-type:token-exchange"
        ),
        // A session's or an opaque token's row is not found without its tenant.
        Dead::TenantRowGone => matches!(
            path,
            "authorization by a session"
                | "introspection of a client's own opaque token"
                | "introspection of an installation's own opaque token"
        ),
        _ => false,
    }
}

/// Where a dead state rightly does not matter.
fn is_no_matter(path: &str, offline: bool, dead: Dead) -> bool {
    match dead {
        // An offline grant outlives its session (OpenID Connect Core, section 11); asking for one needs a session.
        Dead::SessionEnded | Dead::SessionIdle | Dead::SessionExpired | Dead::SessionGone => {
            offline && path != "authorization by a session"
        }
        // A refresh token of another issuer is told by its MAC, before there is a grant.
        Dead::OfAnotherIssuer => path == "refresh_token",
        // One that is asked for now is of this moment.
        Dead::InstallationPast | Dead::ExtensionPast => path == "an installation's own token",
        _ => false,
    }
}
