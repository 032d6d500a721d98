//! Where requests come from: one and the same, one after the other from a list, or each made of the answer before.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use doorward_core::id::{GrantId, IssuerId};
use doorward_core::keys::TenantKeys;
use doorward_core::token::refresh_pair::RefreshPair;

use crate::load::Source;
use crate::request;

/// The same request for ever.
pub struct Fixed(pub Arc<Vec<u8>>);

/// A list that all connections take from, in order.
#[derive(Clone)]
pub struct List {
    /// The requests.
    pub requests: Arc<Vec<Vec<u8>>>,
    /// How many were taken, in all rounds.
    pub taken: Arc<AtomicUsize>,
    /// Whether it begins again at its end.
    pub repeats: bool,
}

/// Refresh tokens of some grants, in turn: each is the successor of the one before.
pub struct Refreshing {
    /// The connection's grants, with the generation to present.
    pub grants: Vec<(GrantId, i64)>,
    /// Where it is.
    pub at: usize,
    /// The client's Basic header.
    pub headers: String,
    /// Whose tokens.
    pub issuer: IssuerId,
    /// What makes them.
    pub keys: Arc<TenantKeys>,
    /// Where the generations are kept from round to round.
    pub kept: Arc<std::sync::Mutex<Vec<(GrantId, i64)>>>,
}

impl Source for Fixed {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        if request.is_empty() {
            request.extend_from_slice(&self.0);
        }
        true
    }
}

impl List {
    /// Of these requests.
    pub fn new(requests: Vec<Vec<u8>>, repeats: bool) -> Self {
        Self { requests: Arc::new(requests), taken: Arc::default(), repeats }
    }
}

impl Source for List {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        let at = self.taken.fetch_add(1, Ordering::Relaxed);
        let at = if self.repeats { at % self.requests.len() } else { at };
        let Some(next) = self.requests.get(at) else { return false };
        request.clear();
        request.extend_from_slice(next);
        true
    }
}

impl Source for Refreshing {
    fn next(&mut self, request: &mut Vec<u8>) -> bool {
        self.at = (self.at + 1) % self.grants.len();
        let (grant, generation) = self.grants[self.at];
        let token = RefreshPair { grant, generation }.encode(&self.issuer, 1, &self.keys);
        let Some(token) = token else { return false };
        let form = [("grant_type", "refresh_token"), ("refresh_token", token.expose().as_str())];
        request::post_into(request, "/token", &self.headers, &form);
        true
    }

    fn seen(&mut self, status: u16) {
        if status == 200 {
            self.grants[self.at].1 += 1;
        }
    }
}

impl Drop for Refreshing {
    fn drop(&mut self) {
        let mut kept = self.kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.append(&mut self.grants);
    }
}
