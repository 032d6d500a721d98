//! Decision 0022, "at once": what a rotation begins with, and what it ends with, whatever became of it.

use doorward_core::Effect;
use doorward_core::installation::at_once::{AtOnce, Outcome};
use doorward_core::model::{Actor, InstallationSecret};

use crate::world::{self, NOW, with_ctx};

fn begun(is_next: bool) -> (AtOnce, Vec<Effect>) {
    let installation = world::installation_facts().installation;
    with_ctx(NOW, |ctx| AtOnce::begin(&installation, is_next, &Actor::Operator, ctx))
}

/// The secret that was before it, and one that came after it.
fn others(rotation: &AtOnce) -> [InstallationSecret; 2] {
    let known = world::installation_facts().secret.unwrap();
    [("sec_old", rotation.number - 1), ("sec_new", rotation.number + 1)]
        .map(|(id, number)| InstallationSecret { id: id.into(), number, ..known.clone() })
}

fn said(effect: &Effect) -> String {
    match effect {
        Effect::PutInstallation(_) => "installation".to_owned(),
        Effect::AddInstallationSecret(new) => format!("{} secret", new.row.state.as_str()),
        Effect::QueueWebhook(news) => format!("news {}", news.number),
        Effect::HoldWebhooks { number, .. } => format!("hold {number}"),
        Effect::SkipWebhook { number, .. } => format!("skip {number}"),
        Effect::SettleWebhook { number, is_delivered, .. } => format!("settle {number} {is_delivered}"),
        Effect::RetireInstallationSecret { id, expires_at, .. } => {
            assert_eq!(*expires_at, NOW);
            format!("retire {id}")
        }
        Effect::DeliverInstallationSecret { id, .. } => format!("deliver {id}"),
        Effect::Record(event) => format!("event {} {}", event.kind.as_str(), event.data),
        other => format!("{other:?}"),
    }
}

#[test]
fn it_is_pending_and_the_line_is_held_where_it_is_next() {
    for is_next in [true, false] {
        let (rotation, effects) = begun(is_next);
        let said: Vec<String> = effects.iter().map(said).collect();
        let number = rotation.number;
        let last = format!("{} {number}", if is_next { "hold" } else { "skip" });
        let [installation, secret, event, news, line] = said.as_slice() else { panic!("{said:?}") };
        assert_eq!((&**installation, &**secret), ("installation", "pending secret"));
        assert!(event.starts_with("event installation.secret_rotated "), "{event}");
        assert_eq!((news, line), (&format!("news {number}"), &last));
        let news = effects.iter().find_map(|effect| match effect {
            Effect::QueueWebhook(news) => Some((&news.id, news.secret.as_ref(), news.created_at)),
            _ => None,
        });
        assert_eq!(news, Some((&rotation.webhook, Some(&rotation.secret), rotation.happened_at)));
    }
}

#[test]
fn it_counts_or_is_taken_back_and_the_line_goes_on() {
    for is_next in [true, false] {
        for (status, is_told, counts) in
            [(Some(204), true, true), (Some(500), false, false), (None, false, false), (None, false, true)]
        {
            let (rotation, begun) = begun(is_next);
            let outcome = Outcome { status, is_told, counts };
            let living = others(&rotation);
            let ended = with_ctx(NOW, |ctx| rotation.end(outcome, &living, &Actor::Operator, ctx));
            let found: Vec<String> = ended.iter().map(said).collect();
            let (secret, number) = (&rotation.secret, rotation.number);
            let change = if counts { "confirmed" } else { "removed" };
            let data = serde_json::json!({ "secret": secret, "change": change, "status": status });
            let mut expected = match counts {
                true => vec!["retire sec_old".to_owned(), format!("deliver {secret}")],
                false => vec![format!("retire {secret}")],
            };
            if is_next {
                expected.push(format!("settle {number} {is_told}"));
            }
            expected.push(format!("event installation.secret_changed {data}"));
            assert_eq!(found, expected, "{outcome:?}");
            let lease = |effects: &[Effect]| {
                effects.iter().find_map(|effect| match effect {
                    Effect::HoldWebhooks { lease, .. } | Effect::SettleWebhook { lease, .. } => {
                        Some(lease.clone())
                    }
                    _ => None,
                })
            };
            assert_eq!(lease(&begun), lease(&ended), "by the lease that it was held by");
        }
    }
}
