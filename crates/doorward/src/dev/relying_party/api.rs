//! The demo API, with a guard in front of it: the guard of the sequence's issuer is asked about each request, as a proxy would.

use ::http::header::{self, HeaderValue};
use ::http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode};
use bytes::Bytes;
use serde_json::json;

use doorward_web::dialect::scheme::HEADERS;
use doorward_web::edge;
use doorward_web::endpoint::guard::IDENTITY;
use doorward_wire::percent;

use super::{Answer, RelyingParty};
use crate::dev::sequence::Sequence;

impl RelyingParty {
    /// `/api/{name}/…`: what the API answers, to whoever may ask.
    pub(super) async fn api(
        &self,
        method: &Method,
        path: &str,
        query: Option<&str>,
        headers: &HeaderMap,
    ) -> Answer {
        let mut parts = path.splitn(4, '/').skip(2);
        let sequence = parts.next().and_then(Sequence::named);
        let (Some(sequence), Some(what)) = (sequence, parts.next()) else {
            return edge::text(StatusCode::NOT_FOUND, "Not found\n");
        };
        let query = query.map_or_else(String::new, |query| format!("?{query}"));
        let target = format!("/{what}{query}");
        match self.ask_guard(sequence, (method, &target), headers).await {
            Ok(asked) if asked.status() == StatusCode::OK => self.answered(what, &asked),
            Ok(asked) => denied(asked),
            Err(why) => edge::text(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("Nobody can say whether this may pass: {why}\n"),
            ),
        }
    }

    async fn ask_guard(
        &self,
        sequence: &Sequence,
        (method, target): (&Method, &str),
        headers: &HeaderMap,
    ) -> Result<Response<Bytes>, String> {
        let url = format!("{}{}/guard?api={}", self.issuer.url, sequence.path, percent::encode(sequence.api));
        let mut question =
            Request::get(url).header("x-original-method", method.as_str()).header("x-original-uri", target);
        for name in HEADERS {
            for value in headers.get_all(name) {
                question = question.header(name, value);
            }
        }
        self.issuer.ask(question, Bytes::new()).await
    }

    /// What it has, and for whom: so the headers of the guard say.
    fn answered(&self, what: &str, asked: &Response<Bytes>) -> Answer {
        let said = IDENTITY.map(|name| {
            let value =
                asked.headers().get(HeaderName::from_static(name)).and_then(|value| value.to_str().ok());
            (name, value.unwrap_or_default().to_owned())
        });
        let said: serde_json::Map<_, _> =
            said.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let mut answer = Response::new(Bytes::from(json!({ "what": what, "for": said }).to_string()));
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    }
}

/// What the guard says instead of the API.
fn denied(asked: Response<Bytes>) -> Answer {
    let (parts, body) = asked.into_parts();
    let mut answer = Response::new(body);
    *answer.status_mut() = parts.status;
    for name in [header::WWW_AUTHENTICATE, header::CONTENT_TYPE, header::CACHE_CONTROL] {
        if let Some(value) = parts.headers.get(&name) {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}
