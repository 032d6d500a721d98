//! After the last kill: everything that was ever given is tried once more.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::history::{Entry, History, Op, Outcome};
use crate::load::Client;
use crate::world::World;

/// Reads every access token, uses every newest refresh token, shows every code again, and reads every access token once more:
/// those of the codes that were shown again are dead by then. Returns how many questions that were.
pub async fn run(world: &World, history: &Arc<History>) -> usize {
    let given = Given::of(&history.entries());
    let reads: Vec<Job> = given.access.iter().cloned().map(Job::Read).collect();
    let before = history.entries().len();
    each(world, history, reads).await;
    each(world, history, given.heads).await;
    each(world, history, given.codes).await;
    let given = Given::of(&history.entries());
    each(world, history, given.access.into_iter().map(Job::Read).collect()).await;
    let entries = history.entries();
    let unanswered = entries[before..]
        .iter()
        .filter(|entry| matches!(entry.outcome, Outcome::Unknown | Outcome::UnknownLate));
    assert_eq!(unanswered.count(), 0, "a server that nobody kills answers everything");
    entries.len() - before
}

enum Job {
    Read(String),
    Show { client: &'static str, code: String },
    Use { client: &'static str, head: String },
}

struct Given {
    access: Vec<String>,
    heads: Vec<Job>,
    codes: Vec<Job>,
}

impl Given {
    fn of(entries: &[Entry]) -> Self {
        let (mut access, mut codes) = (Vec::new(), Vec::new());
        let mut clients: HashMap<&str, &'static str> = HashMap::new();
        let mut heads: HashMap<&str, &'static str> = HashMap::new();
        let mut spent = HashSet::new();
        let mut sorted: Vec<&Entry> = entries.iter().collect();
        sorted.sort_by_key(|entry| entry.done);
        for entry in sorted {
            match (&entry.op, &entry.outcome) {
                (Op::Authorize { client, .. }, Outcome::Code(code)) => {
                    clients.insert(code, *client);
                    codes.push(Job::Show { client, code: code.clone() });
                }
                (
                    Op::Redeem { code: from } | Op::Refresh { parent: from },
                    Outcome::Tokens { access: token, refresh },
                ) => {
                    let client =
                        clients.get(from.as_str()).copied().expect("a token comes of something given");
                    access.push(token.clone());
                    clients.insert(refresh, client);
                    heads.insert(refresh, client);
                    if matches!(entry.op, Op::Refresh { .. }) {
                        spent.insert(from.as_str());
                    }
                }
                _ => {}
            }
        }
        heads.retain(|head, _| !spent.contains(head));
        let heads =
            heads.into_iter().map(|(head, client)| Job::Use { client, head: head.to_owned() }).collect();
        Self { access, heads, codes }
    }
}

async fn each(world: &World, history: &Arc<History>, mut jobs: Vec<Job>) {
    let mut clients = JoinSet::new();
    while !jobs.is_empty() {
        let share = jobs.split_off(jobs.len() - jobs.len().div_ceil(CLIENTS - clients.len()));
        let mut client = Client::new(world, history);
        clients.spawn(async move {
            for job in share {
                let answer = match job {
                    Job::Read(token) => client.introspect(&token).await,
                    Job::Show { client: of, code } => client.redeem(of, &code).await,
                    Job::Use { client: of, head } => client.refresh(of, &head).await,
                };
                assert!(answer.is_some(), "the server is there");
            }
        });
    }
    while let Some(ended) = clients.join_next().await {
        ended.expect("a client ends well");
    }
}

const CLIENTS: usize = 8;
