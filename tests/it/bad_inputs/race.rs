//! Many requests at once, on two nodes where the database can have two; and requests that are given up.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use doorward_tests::{Reply, TestApp, basic, encode, request, secret_of};
use doorward_web::edge::{EdgeRequest, Service};

use super::Case;

/// A request of a race.
#[derive(Clone, Debug)]
pub struct Racer {
    /// Path.
    pub path: &'static str,
    /// Headers beside that of the form.
    pub headers: Vec<(String, String)>,
    /// The form.
    pub form: Vec<(String, String)>,
}

impl Racer {
    /// A form of a confidential client, or of a public one, which only names itself.
    pub fn of(path: &'static str, client: &str, is_public: bool, form: &[(&str, &str)]) -> Self {
        let mut form: Vec<(String, String)> =
            form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut headers = Vec::new();
        if is_public {
            form.push(("client_id".to_owned(), client.to_owned()));
        } else {
            headers.push(("authorization".to_owned(), basic(client, &secret_of(client))));
        }
        Self { path, headers, form }
    }

    fn request(&self) -> EdgeRequest {
        let form: Vec<(&str, &str)> =
            self.form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        headers.extend(self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        request("POST", self.path, &headers, &encode(&form))
    }

    /// Send it, and give it up when it was looked at so often: the answer, where it was there by then.
    pub async fn given_up(&self, app: &TestApp, polls: usize) -> Option<Reply> {
        let server = app.server().clone();
        let mut running = Box::pin(server.call(self.request()));
        for _ in 0..polls {
            let polled = poll_fn(|context| Poll::Ready(Pin::new(&mut running).poll(context))).await;
            if let Poll::Ready(reply) = polled {
                return Some(reply.into());
            }
            tokio::task::yield_now().await;
        }
        None
    }
}

/// Send it so many times at once; every second one to another node where there is one.
pub async fn race(case: &Case, times: usize, racer: &Racer) -> Vec<Reply> {
    race_all(case, &vec![racer.clone(); times]).await
}

/// Send them all at once, likewise.
pub async fn race_all(case: &Case, racers: &[Racer]) -> Vec<Reply> {
    let other = case.app.second_node().await;
    let servers = [
        case.app.server().clone(),
        other.as_ref().map_or_else(|| case.app.server().clone(), |(_, server)| server.clone()),
    ];
    let gate = std::sync::Arc::new(tokio::sync::Barrier::new(racers.len()));
    let running: Vec<_> = racers
        .iter()
        .enumerate()
        .map(|(at, racer)| {
            let (server, gate, racer) = (servers[at % 2].clone(), gate.clone(), racer.clone());
            tokio::spawn(async move {
                gate.wait().await;
                Reply::from(server.call(racer.request()).await)
            })
        })
        .collect();
    let mut replies = Vec::new();
    for task in running {
        replies.push(task.await.expect("a request does not panic"));
    }
    replies
}

/// Those that succeeded; every other must have this error.
#[track_caller]
pub fn winners(replies: Vec<Reply>, status: u16, error: &str) -> Vec<Reply> {
    let (won, lost): (Vec<Reply>, Vec<Reply>) = replies.into_iter().partition(|reply| reply.status == 200);
    for reply in &lost {
        reply.assert_error(status, error);
    }
    won
}
