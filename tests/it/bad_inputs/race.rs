//! Many requests at once, on two nodes where the database can have two.

use doorward_tests::{Reply, basic, encode, request, secret_of};
use doorward_web::edge::Service;

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
                let form: Vec<(&str, &str)> =
                    racer.form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
                headers.extend(racer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
                let request = request("POST", racer.path, &headers, &encode(&form));
                gate.wait().await;
                Reply::from(server.call(request).await)
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
