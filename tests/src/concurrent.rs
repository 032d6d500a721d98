//! Requests that arrive at once, at one node or at several.

use std::sync::Arc;

use doorward_web::edge::{EdgeRequest, Service};
use doorward_web::server::Server;
use tokio::sync::Barrier;

use crate::TestApp;
use crate::app::{encode, is_public, request};
use crate::client::basic;
use crate::fixture::secret_of;
use crate::reply::Reply;

/// The nodes that a test's requests are spread over: one on SQLite, two on PostgreSQL.
pub async fn nodes(app: &TestApp) -> Vec<Server> {
    let mut nodes = vec![app.server().clone()];
    nodes.extend(app.second_node().await.map(|(_, server)| server));
    nodes
}

/// Send all of these, each from a task of its own, and let them go together.
pub async fn at_once(nodes: &[Server], requests: Vec<EdgeRequest>) -> Vec<Reply> {
    let barrier = Arc::new(Barrier::new(requests.len()));
    let tasks: Vec<_> = requests
        .into_iter()
        .enumerate()
        .map(|(number, request)| {
            let (node, barrier) = (nodes[number % nodes.len()].clone(), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                Reply::from(node.call(request).await)
            })
        })
        .collect();
    let mut replies = Vec::new();
    for task in tasks {
        replies.push(task.await.expect("an answer is no panic"));
    }
    replies
}

/// A form to a protocol endpoint as that client: confidential ones by Basic, public ones by name.
pub fn form_request(path: &str, client: &str, form: &[(&str, &str)]) -> EdgeRequest {
    let mut form = form.to_vec();
    let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
    let authorization = basic(client, &secret_of(client));
    if is_public(client) {
        form.push(("client_id", client));
    } else {
        headers.push(("authorization", &authorization));
    }
    request("POST", path, &headers, &encode(&form))
}

/// A refresh as that client.
pub fn refresh_request(client: &str, token: &str) -> EdgeRequest {
    form_request("/token", client, &[("grant_type", "refresh_token"), ("refresh_token", token)])
}
