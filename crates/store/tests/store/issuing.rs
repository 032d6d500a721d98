//! Tickets, grants, consents and sessions: what each effect changes, and what is its conflict.

use doorward_core::effect::{ConsumeTicket, MAX_TICKET_FAILURES};
use doorward_core::facts::{SessionState, Standing};
use doorward_core::id::{ConsentId, GrantId, SessionId};
use doorward_core::model::{Ticket, TicketKey, TicketKind};
use doorward_core::needs::SessionHandle;
use doorward_core::{Effect, Needs};

use crate::support::{START, code, consent, demo, grant, handle, scopes, session, worlds};

fn by_ticket(ticket: &Ticket) -> Needs {
    Needs { ticket: Some(ticket.key), ..Needs::default() }
}

fn by_grant(id: i64) -> Needs {
    Needs { grant: Some(GrantId(id)), ..Needs::default() }
}

fn consume(ticket: &Ticket) -> Effect {
    Effect::ConsumeTicket(ConsumeTicket::of(ticket, START))
}

#[tokio::test]
async fn a_ticket_comes_back_as_it_was_stored_with_all_that_it_hangs_on() {
    for world in worlds().await {
        let grant = world.granted().await;
        let ticket = code(1);
        world.commit(vec![Effect::InsertTicket(ticket.clone())]).await;
        let facts = world.load(by_ticket(&ticket)).await.ticket.expect("it is there");
        assert_eq!(facts.ticket, ticket);
        assert_eq!(facts.client, None, "its grant's is told");
        assert_eq!(facts.tenant_disabled_at, None);
        let found = facts.grant.expect("its grant");
        assert_eq!(found.grant, grant);
        assert_eq!(
            (found.tenant, found.client, found.consent),
            (Standing::Live, Standing::Live, Standing::Live)
        );
        assert_eq!(found.user.expect("the person").user_name, "alice");
        let state =
            SessionState { used_at: START, idle_ms: 60_000, expires_at: START.plus_s(3600), ended_at: None };
        assert_eq!(found.session, Some(state));
        assert_eq!(world.load(by_grant(31)).await.grant.expect("the same by its id").grant, grant);
    }
}

#[tokio::test]
async fn what_is_not_there_is_absent_and_what_is_gone_says_so() {
    for world in worlds().await {
        assert_eq!(world.load(by_ticket(&code(9))).await.ticket, None);
        assert_eq!(world.load(by_grant(99)).await.grant, None);
        // A ticket that names a grant which does not exist, and one without a grant whose client does not.
        for (ticket, client) in [
            (code(2), None),
            (Ticket { grant: None, client: Some("nobody".into()), ..code(3) }, Some(Standing::Gone)),
        ] {
            world.commit(vec![Effect::InsertTicket(ticket.clone())]).await;
            let facts = world.load(by_ticket(&ticket)).await.ticket.expect("it is there");
            assert_eq!((facts.grant, facts.client), (None, client));
        }
        // A grant with nothing under it.
        world
            .commit(vec![Effect::InsertGrant(doorward_core::model::Grant {
                user: "usr_x".into(),
                client: "x".into(),
                ..grant(32)
            })])
            .await;
        let facts = world.load(by_grant(32)).await.grant.expect("it is there");
        assert_eq!((facts.client, facts.consent), (Standing::Gone, Standing::Gone));
        assert_eq!((facts.session, facts.user), (None, None));
    }
}

#[tokio::test]
async fn a_ticket_is_redeemed_once_and_only_with_every_binding() {
    for world in worlds().await {
        let ticket = code(1);
        world.commit(vec![Effect::InsertTicket(ticket.clone())]).await;
        world.conflicts(vec![Effect::InsertTicket(ticket.clone())]).await;
        let wrong = [
            Ticket { tenant: "acme".into(), ..ticket.clone() },
            Ticket { kind: TicketKind::AccessToken, ..ticket.clone() },
            Ticket { grant: None, ..ticket.clone() },
            Ticket { grant: Some(GrantId(32)), ..ticket.clone() },
            Ticket { client: Some("other".into()), ..ticket.clone() },
            Ticket { client: None, ..ticket.clone() },
            Ticket { redirect_uri: Some("https://evil.example".to_owned()), ..ticket.clone() },
            Ticket { redirect_uri: None, ..ticket.clone() },
            Ticket { code_challenge: None, ..ticket.clone() },
            Ticket { cnf: Some("x".to_owned()), ..ticket.clone() },
        ];
        for ticket in &wrong {
            world.conflicts(vec![consume(ticket)]).await;
        }
        let late = ConsumeTicket::of(&ticket, ticket.expires_at);
        world.conflicts(vec![Effect::ConsumeTicket(late)]).await;
        world.commit(vec![consume(&ticket)]).await;
        world.conflicts(vec![consume(&ticket)]).await;
        assert_eq!(world.load(by_ticket(&ticket)).await.ticket.unwrap().ticket.consumed_at, Some(START));
    }
}

#[tokio::test]
async fn a_ticket_is_burnt_by_the_fifth_failure_and_not_before() {
    for world in worlds().await {
        let ticket = code(1);
        let fail = || vec![Effect::CountTicketFailure { tenant: demo(), key: ticket.key, now: START }];
        world.commit(vec![Effect::InsertTicket(ticket.clone())]).await;
        for count in 1..MAX_TICKET_FAILURES {
            world.commit(fail()).await;
            let found = world.load(by_ticket(&ticket)).await.ticket.unwrap().ticket;
            assert_eq!((found.failures, found.consumed_at), (count, None));
        }
        world.commit(fail()).await;
        world.conflicts(fail()).await;
        world.conflicts(vec![consume(&ticket)]).await;
    }
}

#[tokio::test]
async fn ending_a_ticket_twice_or_one_that_is_not_there_is_no_conflict() {
    for world in worlds().await {
        let ticket = code(1);
        let end = || vec![Effect::EndTicket { tenant: demo(), key: ticket.key, now: START }];
        world.commit(end()).await;
        world.commit(vec![Effect::InsertTicket(ticket.clone())]).await;
        world.commit(end()).await;
        world.commit(end()).await;
        world.conflicts(vec![consume(&ticket)]).await;
    }
}

#[tokio::test]
async fn ending_all_tickets_of_a_kind_ends_no_others() {
    for world in worlds().await {
        let at = |name: u8, later_s: i64| {
            let key = TicketKey::of_mark(TicketKind::SetUp, START.plus_s(later_s), &[&name.to_string()]);
            Ticket { key, kind: TicketKind::SetUp, grant: None, ..code(name) }
        };
        let ours = [at(1, 1), at(2, 1800), at(3, 3600)];
        let others = [
            Ticket { kind: TicketKind::Code, ..at(4, 1800) },
            Ticket { tenant: "acme".into(), ..at(5, 1800) },
            at(6, 86_400),
        ];
        world.commit(ours.iter().chain(&others).cloned().map(Effect::InsertTicket).collect()).await;
        let (kind, until) = (TicketKind::SetUp, START.plus_s(3600));
        world.commit(vec![Effect::EndTicketsOf { tenant: demo(), kind, now: START, until }]).await;
        for ticket in &ours {
            let found = world.load(by_ticket(ticket)).await.ticket.unwrap().ticket;
            assert_eq!(found.consumed_at, Some(START), "{:?}", ticket.key);
        }
        for ticket in others.iter().filter(|ticket| ticket.tenant == demo()) {
            assert_eq!(world.load(by_ticket(ticket)).await.ticket.unwrap().ticket.consumed_at, None);
        }
        world.commit(vec![consume(&others[1])]).await;
    }
}

#[tokio::test]
async fn a_mark_names_another_grant_only_where_it_names_the_one_that_was_read() {
    for world in worlds().await {
        let mark = Ticket { kind: TicketKind::Request, grant: None, ..code(1) };
        let rebind =
            |from, to| vec![Effect::RebindTicket { tenant: demo(), key: mark.key, from, to: GrantId(to) }];
        let needs = Needs { mark: Some(mark.key), ..Needs::default() };
        assert!(!world.load(needs.clone()).await.marked);
        world.commit(vec![Effect::InsertTicket(mark.clone())]).await;
        assert!(world.load(needs).await.marked);
        world.conflicts(rebind(Some(GrantId(1)), 2)).await;
        world.commit(rebind(None, 1)).await;
        world.conflicts(rebind(None, 2)).await;
        world.commit(rebind(Some(GrantId(1)), 2)).await;
    }
}

#[tokio::test]
async fn a_grant_starts_once_rotates_from_the_generation_that_was_read_and_stays_ended() {
    for world in worlds().await {
        world.granted().await;
        let id = GrantId(31);
        let start = || {
            vec![Effect::StartGrant {
                tenant: demo(),
                id,
                now: START.plus_ms(1),
                generation: 1,
                mac_key: 3,
                idle_ms: 5,
                expires_at: START.plus_ms(9),
                unnamed: true,
            }]
        };
        let rotate = |from, at| {
            vec![Effect::RotateGrant {
                tenant: demo(),
                id,
                from,
                to: from + 1,
                mac_key: 4,
                now: START.plus_ms(at),
            }]
        };
        world.conflicts(vec![Effect::InsertGrant(grant(31))]).await;
        world.commit(start()).await;
        world.conflicts(start()).await;
        let found = world.load(by_grant(31)).await.grant.unwrap().grant;
        assert_eq!((found.redeemed_at, found.used_at), (Some(START.plus_ms(1)), START.plus_ms(1)));
        assert_eq!((found.generation, found.mac_key, found.idle_ms), (1, 3, 5));
        assert_eq!((found.expires_at, found.unnamed), (START.plus_ms(9), true));

        world.commit(rotate(1, 2)).await;
        world.conflicts(rotate(1, 3)).await;
        world.commit(rotate(2, 4)).await;
        let found = world.load(by_grant(31)).await.grant.unwrap().grant;
        assert_eq!((found.generation, found.mac_key, found.used_at), (3, 4, START.plus_ms(4)));
        assert_eq!((found.spent_at, found.spent_before_at), (Some(START.plus_ms(4)), Some(START.plus_ms(2))));

        world.commit(vec![Effect::TouchGrant { tenant: demo(), id, now: START.plus_ms(6) }]).await;
        let end = |reason: &str, at| {
            let reason = reason.to_owned();
            vec![Effect::EndGrant { tenant: demo(), id, now: START.plus_ms(at), reason }]
        };
        world.commit(end("first", 7)).await;
        world.commit(end("second", 8)).await;
        let found = world.load(by_grant(31)).await.grant.unwrap().grant;
        assert_eq!((found.ended_at, found.ended_reason.as_deref()), (Some(START.plus_ms(7)), Some("first")));
        world.conflicts(rotate(3, 9)).await;
        world.conflicts(start()).await;
        world.conflicts(vec![Effect::TouchGrant { tenant: demo(), id, now: START.plus_ms(9) }]).await;
    }
}

#[tokio::test]
async fn nothing_reaches_into_another_tenant() {
    for world in worlds().await {
        let grant = world.granted().await;
        let (acme, now) = (doorward_core::id::TenantId::from("acme"), START);
        let rotate =
            Effect::RotateGrant { tenant: acme.clone(), id: grant.id, from: 0, to: 1, mac_key: 1, now };
        world.conflicts(vec![rotate]).await;
        world.conflicts(vec![Effect::TouchGrant { tenant: acme.clone(), id: grant.id, now }]).await;
        let reason = "x".to_owned();
        world
            .commit(vec![
                Effect::EndGrant { tenant: acme.clone(), id: grant.id, now, reason },
                Effect::EndConsent { tenant: acme.clone(), id: ConsentId(11), now },
                Effect::EndSession { tenant: acme.clone(), id: SessionId(21), now },
                Effect::EndSessionsOf { tenant: acme.clone(), user: grant.user.clone(), except: None, now },
            ])
            .await;
        let found = world.load(by_grant(31)).await.grant.unwrap();
        assert_eq!((found.grant.ended_at, found.consent), (None, Standing::Live));
        assert_eq!(found.session.unwrap().ended_at, None);

        world.commit(vec![Effect::PutTenant(crate::support::tenant("acme"))]).await;
        let mut base = world.base();
        base.tenant = std::sync::Arc::new(crate::support::tenant("acme"));
        let needs = Needs {
            client: Some("web".into()),
            grant: Some(grant.id),
            session: Some(handle(&session(21))),
            consent: Some(ConsentId(11)),
            user: Some("usr_alice".into()),
            ..Needs::default()
        };
        let facts = world.store.load(base.into(), &needs).await.unwrap();
        assert!(facts.client.is_none() && facts.grant.is_none() && facts.session.is_none());
        assert!(facts.consent.is_none() && facts.user.is_none());
    }
}

#[tokio::test]
async fn one_consent_of_a_person_and_a_client_is_live_and_ended_is_final() {
    for world in worlds().await {
        let first = consent(11);
        world.commit(vec![Effect::InsertConsent(first.clone()), Effect::InsertSession(session(21))]).await;
        world.conflicts(vec![Effect::InsertConsent(consent(12))]).await;
        let needs = Needs {
            session: Some(handle(&session(21))),
            consent_for: Some("web".into()),
            ..Needs::default()
        };
        assert_eq!(world.load(needs.clone()).await.consent, Some(first.clone()));
        let stranger = SessionHandle { id: SessionId(21), secret_hash: [0; 32] };
        let facts = world.load(Needs { session: Some(stranger), ..needs.clone() }).await;
        assert!(facts.session.is_none() && facts.consent.is_none());

        let widen = |version| {
            let (id, scopes) = (ConsentId(11), scopes("openid email"));
            vec![Effect::WidenConsent { tenant: demo(), id, version, scopes, implicit: true }]
        };
        world.commit(widen(1)).await;
        world.conflicts(widen(1)).await;
        let found = world.load(needs.clone()).await.consent.unwrap();
        assert_eq!((found.scopes, found.implicit, found.version), (scopes("openid email"), true, 2));

        let end = |at| vec![Effect::EndConsent { tenant: demo(), id: ConsentId(11), now: START.plus_ms(at) }];
        world.commit(end(1)).await;
        world.commit(end(2)).await;
        world.conflicts(widen(2)).await;
        assert_eq!(world.load(needs.clone()).await.consent, None);
        let by_id = Needs { consent: Some(ConsentId(11)), ..Needs::default() };
        assert_eq!(world.load(by_id).await.consent.unwrap().ended_at, Some(START.plus_ms(1)));
        world.commit(vec![Effect::InsertConsent(consent(12))]).await;
        assert_eq!(world.load(needs).await.consent.unwrap().id, ConsentId(12));
        let applications = world.store.applications_of(&demo(), &"usr_alice".into()).await.unwrap();
        assert_eq!(applications.len(), 1);
        assert_eq!((applications[0].client_name.as_str(), applications[0].used_at), ("The web", None));
    }
}

#[tokio::test]
async fn a_session_is_renewed_by_who_holds_its_secret_and_stays_ended() {
    for world in worlds().await {
        let first = session(21);
        world.commit(vec![Effect::InsertSession(first.clone())]).await;
        world.conflicts(vec![Effect::InsertSession(first.clone())]).await;
        let needs = Needs { session: Some(handle(&first)), ..Needs::default() };
        let facts = world.load(needs.clone()).await.session.unwrap();
        assert_eq!((facts.session.clone(), facts.tenant_disabled_at), (first.clone(), None));
        assert_eq!(facts.user.unwrap().user_name, "alice");

        let mut renewed = first.clone();
        renewed.secret_hash = [9; 32];
        renewed.auth_time = START.plus_ms(5);
        renewed.remembered = false;
        renewed.user_agent = "Another".to_owned();
        let renew = |from| vec![Effect::RenewSession { session: renewed.clone(), from }];
        world.conflicts(renew([8; 32])).await;
        world.commit(renew(first.secret_hash)).await;
        world.conflicts(renew(first.secret_hash)).await;
        assert!(world.load(needs).await.session.is_none(), "the old secret shows nothing");
        let needs = Needs { session: Some(handle(&renewed)), ..Needs::default() };
        assert_eq!(world.load(needs.clone()).await.session.unwrap().session, renewed);

        let touch = |at| vec![Effect::TouchSession { tenant: demo(), id: first.id, now: START.plus_ms(at) }];
        world.commit(touch(50)).await;
        world.commit(touch(40)).await;
        assert_eq!(world.load(needs.clone()).await.session.unwrap().session.used_at, START.plus_ms(50));

        world.commit(vec![Effect::InsertSession(session(22)), Effect::InsertSession(session(23))]).await;
        let all = Effect::EndSessionsOf {
            tenant: demo(),
            user: "usr_alice".into(),
            except: Some(SessionId(22)),
            now: START.plus_ms(60),
        };
        assert_eq!(world.store.sessions_of(&demo(), &"usr_alice".into()).await.unwrap().len(), 3);
        world.commit(vec![all.clone()]).await;
        let open = world.store.sessions_of(&demo(), &"usr_alice".into()).await.unwrap();
        assert_eq!(open.iter().map(|session| session.id).collect::<Vec<_>>(), [SessionId(22)]);
        let Effect::EndSessionsOf { tenant, user, except, .. } = all else { panic!("as above") };
        let now = START.plus_ms(70);
        world.commit(vec![Effect::EndSession { tenant: demo(), id: first.id, now }]).await;
        world.commit(vec![Effect::EndSessionsOf { tenant, user, except, now }]).await;
        world.commit(touch(80)).await;
        let found = world.load(needs).await.session.unwrap().session;
        assert_eq!(found.ended_at, Some(START.plus_ms(60)), "ended is final");
        assert_eq!(found.used_at, START.plus_ms(50), "and is not used any more");
        world.conflicts(renew([9; 32])).await;
    }
}

#[tokio::test]
async fn what_is_switched_off_is_seen_at_the_next_read_of_what_hangs_on_it() {
    for world in worlds().await {
        let grant = world.granted().await;
        let (ticket, clients) = (code(1), Ticket { grant: None, ..code(2) });
        world.commit([&ticket, &clients].map(|ticket| Effect::InsertTicket(ticket.clone())).into()).await;
        let at = START.plus_ms(7);
        let facts = world.base();
        let tenant = doorward_core::model::Tenant { disabled_at: Some(at), ..(*facts.tenant).clone() };
        let needs =
            Needs { client: Some(grant.client.clone()), user: Some(grant.user.clone()), ..Needs::default() };
        let facts = world.load(needs).await;
        let client =
            doorward_core::model::Client { disabled_at: Some(at), ..facts.client.unwrap().client.clone() };
        let user = doorward_core::model::User { locked_at: Some(at), ..facts.user.unwrap().user };
        world
            .commit(vec![
                Effect::PutTenant(tenant),
                Effect::PutClient(client),
                Effect::PutUser(user),
                Effect::EndConsent { tenant: demo(), id: ConsentId(11), now: at },
                Effect::EndSession { tenant: demo(), id: SessionId(21), now: at },
            ])
            .await;
        let off = Standing::Off(at);
        let needs = Needs { session: Some(handle(&session(21))), ..by_ticket(&ticket) };
        let facts = world.load(needs).await;
        assert_eq!(facts.session.unwrap().tenant_disabled_at, Some(at));
        let facts = facts.ticket.unwrap();
        assert_eq!(facts.tenant_disabled_at, Some(at));
        let own = world.load(by_ticket(&clients)).await.ticket.unwrap();
        assert_eq!((own.tenant_disabled_at, own.client), (Some(at), Some(off)));
        let found = facts.grant.unwrap();
        assert_eq!((found.tenant, found.client, found.consent), (off, off, off));
        assert_eq!(found.user.unwrap().locked_at, Some(at));
        assert_eq!(found.session.unwrap().ended_at, Some(at));
        assert_eq!(found.grant.ended_at, None, "no cascade is needed");
    }
}
