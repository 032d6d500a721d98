//! Section 6 of the design: fifty clients refresh, one answer in five is lost, and nobody is signed out; a true replay of each ends
//! its grant. 20,000 refreshes with `DOORWARD_TEST_LONG=1`.

use doorward_tests::chance::{Chance, is_long};
use doorward_tests::concurrent::{nodes, refresh_request};
use doorward_tests::{ALICE, Reply, SPA, TestApp, WEB, report};
use doorward_web::edge::Service;
use doorward_web::server::Server;

const CLIENTS: usize = 50;

/// One installation of a client: what it has stored.
struct Holder {
    client: &'static str,
    /// Every refresh token it ever had, newest last.
    tokens: Vec<String>,
    chance: Chance,
    refreshes: usize,
    lost: usize,
}

impl Holder {
    /// Refresh until an answer arrives. An answer that is lost was committed all the same.
    async fn refresh(mut self, node: Server) -> Self {
        let presented = self.tokens.last().expect("it has a token").clone();
        let mut answered: Option<String> = None;
        loop {
            let reply = Reply::from(node.call(refresh_request(self.client, &presented)).await);
            self.refreshes += 1;
            assert_eq!(
                reply.status, 200,
                "{} was signed out after {} refreshes: {}",
                self.client, self.refreshes, reply.body
            );
            let successor = reply.text("refresh_token");
            let earlier = answered.get_or_insert_with(|| successor.clone());
            assert_eq!(*earlier, successor, "a retry gets the same successor");
            if self.chance.once_in(5) {
                self.lost += 1;
                continue;
            }
            self.tokens.push(successor);
            return self;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lost_answer_signs_nobody_out_and_a_replay_ends_its_grant() {
    let mut chance = Chance::of_environment("lost answers");
    let target = if is_long() { 20_000 } else { 3_000 };
    let app = TestApp::new().await;
    let nodes = nodes(&app).await;
    let browser = app.browser();
    browser.sign_in(ALICE).await;
    let mut holders = Vec::new();
    for number in 0..CLIENTS {
        let client = [WEB, SPA][number % 2];
        let code = browser.code(client, &[("scope", "openid offline_access rs1:read")]).await;
        let tokens = vec![code.redeem(&app).await.text("refresh_token")];
        holders.push(Holder {
            client,
            tokens,
            chance: chance.part(number as u64 + 1),
            refreshes: 0,
            lost: 0,
        });
    }
    while holders.iter().map(|holder| holder.refreshes).sum::<usize>() < target {
        let tasks: Vec<_> = holders
            .drain(..)
            .enumerate()
            .map(|(number, holder)| tokio::spawn(holder.refresh(nodes[number % nodes.len()].clone())))
            .collect();
        for task in tasks {
            holders.push(task.await.expect("no client is signed out"));
        }
        app.advance_s(i64::try_from(chance.below(1000)).expect("small"));
    }
    let (refreshes, lost) =
        holders.iter().fold((0, 0), |(all, lost), holder| (all + holder.refreshes, lost + holder.lost));
    assert!(lost * 7 > refreshes && lost * 4 < refreshes, "one in five is lost");
    // Whoever stole an old token and uses it now ends the grant, and with it what the thief and the client hold.
    app.advance_s(11);
    for holder in &mut holders {
        let newest = holder.tokens.last().expect("it has a token").clone();
        assert_eq!(app.refresh(holder.client, &newest).await.status, 200, "honest to the end");
        app.advance_s(11);
        let old = &holder.tokens[holder.chance.below(holder.tokens.len() - 2)];
        app.refresh(holder.client, old).await.assert_error(400, "invalid_grant");
        app.refresh(holder.client, &newest).await.assert_error(400, "invalid_grant");
    }
    assert_eq!(app.recorded("refresh.replayed").await, CLIENTS);
    report(
        "Lost answers",
        &format!(
            "{refreshes} refreshes by {CLIENTS} clients, {} node(s), {lost} answers lost, no client signed out, \
             {CLIENTS} of {CLIENTS} replays ended their grant; seed {}",
            nodes.len(),
            chance.seed
        ),
    );
}
