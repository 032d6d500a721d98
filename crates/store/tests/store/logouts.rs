//! Who has to be told that a session ended: once, of a session that counted until then, and by one node at a time.

use doorward_core::id::{ConsentId, SessionId};
use doorward_core::model::{Client, Grant, Session};
use doorward_core::{Effect, Timestamp};
use doorward_store::Store;
use doorward_store::logouts::Due;

use crate::support::{START, World, client, consent, demo, grant, session, worlds};

/// A session that began then, in which `web`, who wants to hear of its end, got tokens.
fn with_tokens(id: i64, auth_time: Timestamp) -> Vec<Effect> {
    let session = Session { auth_time, ..session(id) };
    let grant =
        Grant { session: session.id, consent: ConsentId(11), redeemed_at: Some(START), ..grant(100 + id) };
    vec![Effect::InsertSession(session), Effect::InsertGrant(grant)]
}

/// `web` wants to hear of sign-outs; a session for each of these ids, of the milliseconds after the start that it began.
async fn furnish(world: &World, sessions: &[(i64, i64)]) {
    let url = Some("https://app.example/logout".to_owned());
    let web = Client { backchannel_logout_uri: url, version: 1, ..client("demo", "web") };
    world.commit(vec![Effect::PutClient(web), Effect::InsertConsent(consent(11))]).await;
    for (id, ms) in sessions {
        world.commit(with_tokens(*id, START.plus_ms(*ms))).await;
    }
}

fn end(id: i64) -> Effect {
    Effect::EndSession { tenant: demo(), id: SessionId(id), now: START }
}

fn end_all(except: Option<i64>) -> Effect {
    Effect::EndSessionsOf {
        tenant: demo(),
        user: "usr_alice".into(),
        except: except.map(SessionId),
        now: START,
    }
}

/// What began before so many milliseconds after the start does not count any more.
fn end_before(version: i64, ms: i64) -> Effect {
    let (tenant, user, now) = (demo(), "usr_alice".into(), START);
    Effect::EndBefore { tenant, user, version, valid_from: START.plus_ms(ms), now }
}

async fn due(store: &Store) -> Vec<Due> {
    store.logouts_due(&[], 10).await.unwrap()
}

/// Of which sessions somebody has to be told; then they are.
async fn told(world: &World) -> Vec<i64> {
    let due = due(&world.store).await;
    for due in &due {
        assert!(world.store.take_logout(due, START.plus_s(1)).await.unwrap());
        world.store.forget_logout(due, None).await.unwrap();
    }
    due.iter().map(|due| due.session.0).collect()
}

#[tokio::test]
async fn of_the_sessions_of_a_person_those_that_end_are_told_of() {
    for world in worlds().await {
        furnish(&world, &[(21, 0), (22, 5), (23, 10), (24, 15), (25, 20)]).await;
        world.commit(vec![end(21)]).await;
        assert_eq!(told(&world).await, [21], "{}", world.engine);
        world.commit(vec![end_before(1, 10)]).await;
        assert_eq!(told(&world).await, [22], "{}", world.engine);
        world.commit(vec![end_all(Some(25))]).await;
        assert_eq!(told(&world).await, [23, 24], "{}", world.engine);
        world.commit(vec![Effect::RemoveUser(demo(), "usr_alice".into(), 2)]).await;
        assert_eq!(told(&world).await, [25], "{}", world.engine);
    }
}

#[tokio::test]
async fn of_what_has_ended_nobody_is_told_again() {
    let firsts = [end(21), end_all(None), end_before(1, 1)];
    for (case, first) in firsts.into_iter().enumerate() {
        for world in worlds().await {
            furnish(&world, &[(21, 0)]).await;
            world.commit(vec![first.clone()]).await;
            assert_eq!(told(&world).await, [21], "{}: {case}", world.engine);
            let version = if case == 2 { 2 } else { 1 };
            for again in [
                end_before(version, 2),
                end(21),
                end_all(None),
                end_before(version + 1, 3),
                Effect::RemoveUser(demo(), "usr_alice".into(), version + 2),
            ] {
                world.commit(vec![again.clone()]).await;
                assert_eq!(told(&world).await, [0; 0], "{}: {case}: {again:?}", world.engine);
            }
        }
    }
}

/// By [`end`] and [`end_all`] it has ended, though what the person had from before still counts.
#[tokio::test]
async fn of_what_was_ended_nobody_is_told_again_when_all_from_before_is() {
    for (case, again) in [end(21), end_all(None), end_before(1, 1)].into_iter().enumerate() {
        for world in worlds().await {
            furnish(&world, &[(21, 0)]).await;
            world.commit(vec![end(21)]).await;
            assert_eq!(told(&world).await, [21]);
            world.commit(vec![again.clone()]).await;
            assert_eq!(told(&world).await, [0; 0], "{}: {case}", world.engine);
        }
    }
}

#[tokio::test]
async fn nobody_hears_who_got_no_tokens_or_does_not_want_to() {
    for world in worlds().await {
        furnish(&world, &[]).await;
        let unredeemed = Grant { session: SessionId(21), ..grant(31) };
        let silent =
            Grant { id: doorward_core::id::GrantId(32), client: "silent".into(), ..unredeemed.clone() };
        world
            .commit(vec![
                Effect::PutClient(client("demo", "silent")),
                Effect::InsertSession(session(21)),
                Effect::InsertGrant(unredeemed),
                Effect::InsertGrant(Grant { redeemed_at: Some(START), ..silent }),
                end(21),
            ])
            .await;
        assert_eq!(world.rows("logouts").await, 0, "{}", world.engine);
    }
}

/// Who signs in again in a session that no longer counted has it count again; that the client was not told yet of its first end is no
/// conflict of the second.
#[tokio::test]
async fn a_session_that_ends_twice_before_it_is_told_of_is_told_of_once() {
    for world in worlds().await {
        furnish(&world, &[(21, 0)]).await;
        world.commit(vec![end_before(1, 1)]).await;
        let again = Session { auth_time: START.plus_ms(1), ..session(21) };
        let from = again.secret_hash;
        world.commit(vec![Effect::RenewSession { session: again, from }]).await;
        world.commit(vec![end(21)]).await;
        assert_eq!(told(&world).await, [21], "{}", world.engine);
    }
}

#[tokio::test]
async fn one_node_tells_and_who_was_too_slow_puts_nothing_off() {
    const TAKEN_MS: i64 = 20_000;
    for world in worlds().await {
        let (store, other) = (&world.store, world.other_node().await.unwrap_or(world.store.clone()));
        let until = || store.now().plus_ms(TAKEN_MS);
        furnish(&world, &[(21, 0)]).await;
        world.commit(vec![end(21)]).await;
        let slow = due(store).await.remove(0);
        let same = due(&other).await.remove(0);
        assert!(store.take_logout(&slow, until()).await.unwrap());
        assert!(!other.take_logout(&same, until()).await.unwrap(), "{}: taken", world.engine);
        assert_eq!(due(&other).await, []);
        store.clock().advance_ms(TAKEN_MS);
        let next = due(&other).await.remove(0);
        assert_eq!(next.attempts, 1, "{}", world.engine);
        assert!(other.take_logout(&next, until()).await.unwrap());
        // Neither sooner, which would have it told twice at once, nor later.
        store.put_off_logout(&slow, store.now()).await.unwrap();
        assert_eq!(due(store).await, [], "{}: the other one is at it", world.engine);
        other.put_off_logout(&next, store.now().plus_ms(5000)).await.unwrap();
        store.put_off_logout(&slow, store.now().plus_s(3600)).await.unwrap();
        store.clock().advance_ms(5000);
        assert_eq!(due(store).await[0].attempts, 2, "{}", world.engine);
    }
}
