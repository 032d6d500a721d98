//! A full disk on SQLite: no answer is ever wrong, endings still commit, and everything does once there is space again.

use doorward_core::effect::ConsumeTicket;
use doorward_core::id::GrantId;
use doorward_core::login::help::{Act, Help};
use doorward_core::model::{Actor, Ticket, User};
use doorward_core::{Ctx, Effect};
use doorward_crypto::random::SystemRandom;
use doorward_store::CommitError;
use doorward_store::driver::{Driver, Sqlite};

use crate::support::{START, World, code, demo, sqlite};

/// A world that has no page left: every commit that needs one meets SQLITE_FULL, as on a full disk.
async fn full(ballast_bytes: u64) -> (World, Sqlite) {
    let world = sqlite(|config| config.ballast_bytes = ballast_bytes).await;
    world.granted().await;
    let Driver::Sqlite(driver) = world.store.driver().clone() else { panic!("a world on SQLite") };
    assert!(driver.hold_ballast());
    // SQLite takes the present size where a smaller one is asked for.
    driver.pragma("PRAGMA max_page_count = 1").await.unwrap();
    (world, driver)
}

/// Commits large tickets until there is no page left for another.
async fn fill(world: &World) -> CommitError {
    for number in 0..=255 {
        let ticket = Ticket { data: "x".repeat(9000), ..code(number) };
        if let Err(error) = world.store.commit(vec![Effect::InsertTicket(ticket)]).await {
            return error;
        }
    }
    panic!("the disk is never full");
}

fn end_grant() -> Vec<Effect> {
    vec![Effect::EndGrant { tenant: demo(), id: GrantId(31), now: START, reason: "revoked".to_owned() }]
}

#[tokio::test]
async fn issuing_meets_a_fault_and_endings_commit() {
    let (world, driver) = full(1 << 20).await;
    let Err(CommitError::Fault(fault)) = Err::<(), _>(fill(&world).await) else { panic!("a fault") };
    assert!(fault.detail.contains("SQLite 13"), "{fault}");
    // From now on nothing but endings is taken, even what would have had room.
    let small = world.store.commit(vec![Effect::InsertTicket(code(254))]).await;
    assert!(matches!(small, Err(CommitError::Fault(_))), "{small:?}");
    let conflict =
        world.store.commit(vec![Effect::ConsumeTicket(ConsumeTicket::of(&code(253), START))]).await;
    assert!(
        matches!(conflict, Err(CommitError::Fault(_))),
        "a conflict is not told from a full disk: {conflict:?}"
    );
    world.commit(end_grant()).await;
    let needs = doorward_core::Needs { grant: Some(GrantId(31)), ..Default::default() };
    assert_eq!(world.load(needs).await.grant.unwrap().grant.ended_at, Some(START));

    driver.pragma("PRAGMA max_page_count = 1000000").await.unwrap();
    assert!(driver.hold_ballast());
    world.commit(vec![Effect::InsertTicket(code(254))]).await;
}

#[tokio::test]
async fn a_person_can_be_disabled_and_signed_out_on_a_full_disk() {
    let (world, _driver) = full(0).await;
    let Err(CommitError::Fault(_)) = Err::<(), _>(fill(&world).await) else { panic!("a fault") };
    let mut alice = world.store.user(&demo(), &"usr_alice".into()).await.unwrap().unwrap().user;
    alice.disabled_at = Some(START);
    let now = START;
    world
        .commit(vec![
            Effect::PutUser(alice),
            Effect::EndSessionsOf { tenant: demo(), user: "usr_alice".into(), except: None, now },
        ])
        .await;
    assert!(world.store.sessions_of(&demo(), &"usr_alice".into()).await.unwrap().is_empty());
}

/// `Act::EndSessions`: who is signed out everywhere stays who they are, and what they hold offline is over too.
#[tokio::test]
async fn a_person_can_be_signed_out_everywhere_on_a_full_disk() {
    let (world, _driver) = full(0).await;
    let Err(CommitError::Fault(_)) = Err::<(), _>(fill(&world).await) else { panic!("a fault") };
    let needs = Help { user: "usr_alice".into(), act: Act::EndSessions };
    let facts = world.load(needs.needs()).await;
    let mut rng = SystemRandom;
    let mut ctx = Ctx { now: START, rng: &mut rng, request_id: "r", address: "" };
    let decision = needs.decide(Actor::Operator, &facts, &mut ctx);
    world.commit(decision.effects.clone()).await;
    let after = world.store.user(&demo(), &"usr_alice".into()).await.unwrap().unwrap().user;
    let before = &facts.user.as_ref().unwrap().user;
    assert_eq!((after.valid_from, after.version), (Some(START.plus_ms(1)), before.version + 1));
    assert_eq!(
        User {
            valid_from: before.valid_from,
            version: before.version,
            updated_at: before.updated_at,
            ..after
        },
        *before
    );
    // Of whoever was changed meanwhile it is decided anew.
    let again = world.store.commit(decision.effects).await;
    assert!(matches!(again, Err(CommitError::Conflict | CommitError::Fault(_))), "{again:?}");
}
