//! The guard as a layer of tower: of a router, or of one route.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use doorward_wire::scope::BadScope;
use http::header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::demand::Demand;
use crate::guard::Guard;
use crate::refusal::Refusal;

/// A layer that lets requests through whose token is good, and enough; handlers find the [`Token`](crate::Token) among the extensions of the
/// request.
#[derive(Clone)]
pub struct GuardLayer {
    guard: Guard,
    demand: Arc<Demand>,
}

impl GuardLayer {
    pub(crate) fn new(guard: Guard, demand: Demand) -> Self {
        Self { guard, demand: Arc::new(demand) }
    }

    /// As well all of these scopes, separated by spaces.
    pub fn scope(&self, scope: &str) -> Result<Self, BadScope> {
        Ok(self.demanding(self.demand.as_ref().clone().with_scope(scope)?))
    }

    /// As well a sign-in of one of these classes, separated by spaces ([`Demand::with_acr_values`]).
    pub fn acr_values(&self, acr_values: &str) -> Self {
        self.demanding(self.demand.as_ref().clone().with_acr_values(acr_values))
    }

    /// As well a sign-in that is at most so many seconds ago.
    pub fn max_age(&self, seconds: i64) -> Self {
        self.demanding(self.demand.as_ref().clone().with_max_age(seconds))
    }

    fn demanding(&self, demand: Demand) -> Self {
        Self::new(self.guard.clone(), demand)
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, layer: self.clone() }
    }
}

/// A service behind a guard.
#[derive(Clone)]
pub struct Guarded<S> {
    inner: S,
    layer: GuardLayer,
}

impl<S, B, R> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // What was ready is called, and a clone of it waits for the next request.
        let next = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, next);
        let GuardLayer { guard, demand } = self.layer.clone();
        Box::pin(async move {
            match guard.check(request.headers(), &demand).await {
                Ok(token) => {
                    request.extensions_mut().insert(token);
                    inner.call(request).await
                }
                Err(refusal) => Ok(refused(&guard, refusal, &demand)),
            }
        })
    }
}

fn refused<R: Default>(guard: &Guard, refusal: Refusal, demand: &Demand) -> Response<R> {
    let mut response = Response::new(R::default());
    *response.status_mut() = refusal.status();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(challenge) = guard.challenge(refusal, demand) {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    if refusal == Refusal::Unavailable {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response.extensions_mut().insert(refusal);
    response
}
