//! A connection to each node of the server, opened anew when it broke. Requests go to the nodes in turn.

use std::time::Duration;

use bytes::Bytes;
use doorward_tests::{Reply, encode};
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lost {
    /// The connection broke after something was sent: the server may have done what was asked.
    Broken,
    /// No connection could be made: the server has not heard of it.
    Unsent,
    /// No answer came in time, from a server that may still be at it.
    Late,
}

/// The connections.
pub struct Wire {
    host: String,
    nodes: Vec<Node>,
    turn: usize,
}

struct Node {
    port: u16,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Wire {
    /// To ports on loopback, the first of which the issuer names; nothing is opened yet.
    pub fn new(ports: &[u16]) -> Self {
        let nodes = ports.iter().map(|port| Node { port: *port, sender: None }).collect();
        Self { host: format!("127.0.0.1:{}", ports[0]), nodes, turn: 0 }
    }

    /// To one node only of those at `ports`.
    pub fn to(ports: &[u16], node: usize) -> Self {
        let mut wire = Self::new(ports);
        wire.nodes = vec![wire.nodes.swap_remove(node)];
        wire
    }

    /// GET.
    pub async fn get(&mut self, target: &str) -> Result<Reply, Lost> {
        self.send("GET", target, &[], String::new()).await
    }

    /// POST a form.
    pub async fn post(
        &mut self,
        target: &str,
        form: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Result<Reply, Lost> {
        let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
        all.extend_from_slice(headers);
        self.send("POST", target, &all, encode(form)).await
    }

    /// Sends a request, and reads the whole answer.
    pub async fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Reply, Lost> {
        let (node, mut sender) = self.connected().await?;
        let mut request = Request::builder().method(method).uri(target);
        request = request.header("host", &self.host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(Bytes::from(body))).expect("a request can be made");
        let exchange = async {
            let (parts, body) = sender.send_request(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok::<_, hyper::Error>(http::Response::from_parts(parts, body))
        };
        match tokio::time::timeout(PATIENCE, exchange).await {
            Ok(Ok(response)) => {
                self.nodes[node].sender = Some(sender);
                Ok(response.into())
            }
            Ok(Err(_)) => Err(Lost::Broken),
            Err(_) => Err(Lost::Late),
        }
    }

    /// A connection to whose turn it is, or to the next that is there.
    async fn connected(&mut self) -> Result<(usize, SendRequest<Full<Bytes>>), Lost> {
        for _ in 0..self.nodes.len() {
            let at = self.turn % self.nodes.len();
            self.turn += 1;
            if let Ok(sender) = self.nodes[at].connected().await {
                return Ok((at, sender));
            }
        }
        Err(Lost::Unsent)
    }
}

impl Node {
    async fn connected(&mut self) -> Result<SendRequest<Full<Bytes>>, Lost> {
        if let Some(mut sender) = self.sender.take()
            && sender.ready().await.is_ok()
        {
            return Ok(sender);
        }
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.map_err(|_| Lost::Unsent)?;
        let _ = stream.set_nodelay(true);
        let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|_| Lost::Unsent)?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

const PATIENCE: Duration = Duration::from_secs(30);
