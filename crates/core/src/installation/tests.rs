//! Each change tells once, in order, and a removal ends what was under way.

use super::*;
use crate::Timestamp;
use crate::id::{ContextKey, ExtensionKey};
use doorward_crypto::random::SystemRandom;

fn installation(version: i64, life: Life) -> Installation {
    Installation {
        id: "ins_1".into(),
        tenant: "demo".into(),
        extension: ExtensionKey(1),
        extension_id: "shop".into(),
        context: ContextKey(2),
        context_id: "project/p-1".into(),
        scopes: Default::default(),
        manifest_version: 1,
        variant: None,
        settings: Default::default(),
        installed_by: None,
        life,
        epoch: 1,
        version,
        created_at: Timestamp(1),
        updated_at: Timestamp(1),
    }
}

fn ctx(rng: &mut SystemRandom) -> Ctx<'_> {
    Ctx { now: Timestamp(1000), rng, request_id: "r", address: "" }
}

fn news(effects: &[Effect]) -> &WebhookEvent {
    let mut news = effects.iter().filter_map(|effect| match effect {
        Effect::QueueWebhook(news) => Some(&**news),
        _ => None,
    });
    let only = news.next().expect("something is told");
    assert!(news.next().is_none(), "told twice");
    let events: Vec<&Event> = effects
        .iter()
        .filter_map(|effect| if let Effect::Record(event) = effect { Some(event) } else { None })
        .collect();
    assert_eq!(events.len(), 1);
    assert_eq!(only.id, WebhookId::of(events[0].id));
    assert_eq!(events[0].installation.as_ref(), Some(&only.installation));
    only
}

fn secret(effects: &[Effect]) -> &NewInstallationSecret {
    effects
        .iter()
        .find_map(|effect| if let Effect::AddInstallationSecret(new) = effect { Some(&**new) } else { None })
        .expect("a secret is added")
}

#[test]
fn an_installation_begins_with_a_pending_secret_that_travels_with_the_news() {
    let mut rng = SystemRandom;
    let effects = install(installation(0, Life::Enabled), &Actor::Operator, &mut ctx(&mut rng));
    let (told, made) = (news(&effects), secret(&effects));
    assert_eq!((told.kind, told.number, told.secret.as_ref()), (WebhookKind::Added, 1, Some(&made.row.id)));
    assert_eq!(made.row.state, SecretState::Pending);
    assert!(!made.row.is_in_force(Timestamp(1000)));
    let plain = made.plain.as_ref().expect("kept until it is delivered");
    assert_eq!(digest::sha256(plain.as_bytes()), made.row.hash);
    assert!(!format!("{effects:?}").contains(plain.as_str()), "printed");
    assert!(!told.state.contains(plain.as_str()));
}

#[test]
fn switching_off_ends_an_epoch_and_switching_on_begins_none() {
    let mut rng = SystemRandom;
    let on = installation(3, Life::Enabled);
    let now = Timestamp(1000);
    let put = |effects: &[Effect]| match &effects[0] {
        Effect::PutInstallation(row) => (**row).clone(),
        other => panic!("{other:?}"),
    };
    let off = live(&on, |life| life.disable(now), &Actor::Operator, &mut ctx(&mut rng)).unwrap();
    let row = put(&off);
    assert_eq!((row.life, row.epoch, row.version), (Life::Disabled { since: now }, 2, 3));
    assert_eq!((news(&off).kind, news(&off).number), (WebhookKind::Updated, 4));
    let told: Installation = serde_json::from_str(&news(&off).state).unwrap();
    assert_eq!((told.life, told.version), (Life::Disabled { since: now }, 4));
    let stored = Installation { version: 4, ..row };
    let on = live(&stored, Life::enable, &Actor::Operator, &mut ctx(&mut rng)).unwrap();
    assert_eq!((put(&on).life, put(&on).epoch), (Life::Enabled, 2));
    let same = live(&stored, |life| life.disable(now), &Actor::Operator, &mut ctx(&mut rng)).unwrap();
    assert!(same.is_empty(), "{same:?}");
}

#[test]
fn a_removal_ends_what_was_under_way_and_is_final() {
    let mut rng = SystemRandom;
    let effects = remove(&installation(7, Life::Enabled), &Actor::Operator, &mut ctx(&mut rng)).unwrap();
    assert_eq!((news(&effects).kind, news(&effects).number), (WebhookKind::Removed, 8));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ForgetInstallationSecrets(..))));
    let abort = effects.iter().position(|effect| matches!(effect, Effect::AbortWebhooks { before: 8, .. }));
    let queue = effects.iter().position(|effect| matches!(effect, Effect::QueueWebhook(_)));
    assert!(abort.is_some() && abort < queue, "the news of the removal would be aborted with the rest");
    let gone = installation(8, Life::Removed { at: Timestamp(1) });
    assert_eq!(remove(&gone, &Actor::Operator, &mut ctx(&mut rng)), Err(NoStep::Removed));
}

#[test]
fn a_secret_that_is_shown_is_in_force_at_once_and_kept_as_a_hash_only() {
    let mut rng = SystemRandom;
    let now = Timestamp(1000);
    for is_shown in [true, false] {
        let of = installation(4, Life::Enabled);
        let (effects, id, plain) = rotate_secret(&of, is_shown, &Actor::Operator, &mut ctx(&mut rng));
        let made = secret(&effects);
        assert_eq!(
            (made.row.number, made.row.is_in_force(now), made.plain.is_none()),
            (5, is_shown, is_shown)
        );
        assert_eq!(digest::sha256(plain.expose().as_bytes()), made.row.hash);
        assert_eq!(
            (news(&effects).kind, news(&effects).secret.as_ref()),
            (WebhookKind::SecretRotated, Some(&id))
        );
    }
}
