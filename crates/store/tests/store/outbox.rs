//! The outbox: what waits, and what cannot be read.

use doorward_core::model::{Mail, MailKind};
use doorward_core::{Ctx, Effect};
use doorward_crypto::random::SystemRandom;

use crate::support::{World, demo, sqlite};

async fn queue(world: &World, to: &str) {
    let mut rng = SystemRandom;
    let mut ctx = Ctx { now: world.store.now(), rng: &mut rng, request_id: "test", address: "" };
    let mail = Mail::new(MailKind::PasswordChanged, &demo(), to, "", &mut ctx);
    world.commit(vec![Effect::QueueMail(Box::new(mail))]).await;
}

async fn due(world: &World) -> Vec<String> {
    let found = world.store.mails_due(20).await.unwrap();
    found.into_iter().map(|waiting| waiting.mail.content.to).collect()
}

#[tokio::test]
async fn a_mail_that_cannot_be_read_keeps_no_other_from_being_sent() {
    for damage in ["sealed = x'00'", "kind = 'of a later version'"] {
        let world = sqlite(|_| {}).await;
        for to in ["first@example.com", "second@example.com"] {
            queue(&world, to).await;
            world.store.clock().advance_ms(1);
        }
        let database = rusqlite::Connection::open(world.file()).unwrap();
        let first = "(SELECT MIN(id) FROM outbox)";
        database.execute_batch(&format!("UPDATE outbox SET {damage} WHERE id = {first}")).unwrap();
        assert_eq!(due(&world).await, ["second@example.com"], "{damage}");
        let put_off = format!("SELECT due_at FROM outbox WHERE id = {first}");
        let due_at: i64 = database.query_row(&put_off, [], |row| row.get(0)).unwrap();
        assert!(due_at > world.store.now().0, "it is not read again and again");
        assert_eq!(world.store.mails_waiting().await.unwrap().0, 2, "and it is not lost");
    }
}
