//! Traffic: who may ask how often (429), and how much is worked on at once (503).
//!
//! Quotas are of an address, a tenant and a client; the first two are counted before anything is looked at, the client's once it has
//! shown to be the client, so that nobody uses up another's. A tenant's pages, protocol endpoints, guard and administration are counted
//! apart: strangers who open pages, or call an API, keep no client from its tokens. Admission (`admission`) holds for each class of requests by itself: a
//! flood of pages takes no place of the token endpoint. Key sets and metadata are never limited: whoever cannot read them can verify
//! nothing.

pub mod admission;
mod answer;
mod field;
mod gcra;

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use doorward_core::Timestamp;
use doorward_core::model::Tenant;

pub use answer::{note_over, overloaded, retry_after, too_many};
pub use field::tell;
pub use gcra::Standing;

use crate::edge::Network;
use crate::limit::holder;
use admission::{Admission, Place, Shed};
use gcra::Gcra;

/// What requests have in common that share a quota and places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// The admin API.
    Admin,
    /// The guard: a proxy asks it from one address, for all who call an API.
    Guard,
    /// Key sets, metadata, style and script of pages, preflights: out of memory, and never limited.
    Open,
    /// Pages for people, and their forms.
    Page,
    /// Endpoints for programs: token, introspection, revocation, userinfo.
    Protocol,
}

/// Whose quota it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quota {
    /// That of an address.
    Address,
    /// That of a tenant.
    Tenant,
    /// That of a client.
    Client,
}

impl Quota {
    /// Every one, in the order in which they are counted.
    pub const ALL: [Self; 3] = [Self::Address, Self::Tenant, Self::Client];

    /// Its name, as callers, metrics and the access log have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Tenant => "tenant",
            Self::Client => "client",
        }
    }
}

/// Settings.
#[derive(Clone, Debug)]
pub struct Quotas {
    /// Requests of an address at protocol endpoints in a minute; 0: no limit.
    pub protocol: u32,
    /// The same for pages.
    pub pages: u32,
    /// The same for the admin API.
    pub admin: u32,
    /// The same for the guard.
    pub guard: u32,
    /// Whose requests are not limited per address.
    pub trusted: Vec<Network>,
    /// Requests at protocol endpoints that are worked on at once.
    pub at_once: usize,
    /// How long one waits for a place.
    pub patience: Duration,
}

impl Default for Quotas {
    fn default() -> Self {
        let trusted = ["127.0.0.0/8", "::1"].into_iter().filter_map(|text| text.parse().ok()).collect();
        Self {
            protocol: 60_000,
            pages: 6_000,
            admin: 6_000,
            guard: 600_000,
            trusted,
            at_once: 192,
            patience: PATIENCE,
        }
    }
}

/// Counts and places of this server.
#[derive(Debug)]
pub struct Traffic {
    quotas: Quotas,
    gcra: Gcra,
    protocol: Arc<Admission>,
    pages: Arc<Admission>,
    admin: Arc<Admission>,
    guard: Arc<Admission>,
    over: [AtomicU64; 3],
    told_at: AtomicU64,
}

/// How a request stands: under the quotas that hold for it.
#[derive(Clone, Copy, Default, Debug)]
pub struct Standings {
    /// Of its address.
    pub address: Option<Standing>,
    /// Of its tenant.
    pub tenant: Option<Standing>,
    /// Of its client.
    pub client: Option<Standing>,
}

impl Standings {
    /// Each with its name.
    pub fn named(&self) -> impl Iterator<Item = (Quota, Standing)> {
        [(Quota::Address, self.address), (Quota::Tenant, self.tenant), (Quota::Client, self.client)]
            .into_iter()
            .filter_map(|(quota, standing)| Some((quota, standing?)))
    }

    /// The quota that the request was one too many of.
    pub fn over(&self) -> Option<Quota> {
        self.named().find(|(_, standing)| standing.is_over).map(|(quota, _)| quota)
    }

    /// Seconds to wait, when the request is one too many.
    pub fn wait_s(&self) -> Option<u32> {
        self.named()
            .filter(|(_, standing)| standing.is_over)
            .map(|(_, standing)| standing.reset_s.max(1))
            .max()
    }
}

impl Traffic {
    /// With these settings.
    pub fn new(quotas: Quotas) -> Self {
        let places = |part: usize| {
            let places = (quotas.at_once / part).max(8);
            Admission::new(places, places * WAITING_PER_PLACE, quotas.patience)
        };
        Self {
            gcra: Gcra::default(),
            protocol: places(1),
            pages: places(2),
            admin: places(8),
            guard: places(1),
            over: Default::default(),
            told_at: AtomicU64::new(0),
            quotas,
        }
    }

    /// Counts a request of that address at that tenant.
    pub fn count(&self, class: Class, address: IpAddr, tenant: &Tenant, now: Timestamp) -> Standings {
        let quota = match class {
            Class::Open => return Standings::default(),
            Class::Admin => self.quotas.admin,
            Class::Guard => self.quotas.guard,
            Class::Page => self.quotas.pages,
            Class::Protocol => self.quotas.protocol,
        };
        let is_counted = quota > 0 && !self.quotas.trusted.iter().any(|network| network.contains(address));
        let of_address = is_counted
            .then(|| self.gcra.count(("address", class as u8, holder(address)), quota, now))
            .inspect(|standing| self.note(Quota::Address, *standing));
        // What an address may not ask is not its tenant's to pay.
        if of_address.is_some_and(|standing| standing.is_over) {
            return Standings { address: of_address, ..Standings::default() };
        }
        let of_tenant = u32::try_from(tenant.settings.rate_limit)
            .ok()
            .filter(|quota| *quota > 0)
            .map(|quota| self.gcra.count(("tenant", class as u8, tenant.id.as_str()), quota, now));
        if let Some(standing) = of_tenant {
            self.note(Quota::Tenant, standing);
        }
        Standings { address: of_address, tenant: of_tenant, client: None }
    }

    /// A place for a request of that class; none is needed for what comes out of memory.
    pub async fn enter(&self, class: Class) -> Result<Option<Place>, Shed> {
        let Some(admission) = self.admission(class) else { return Ok(None) };
        admission.enter().await.map(Some)
    }

    /// The places of a class.
    pub fn admission(&self, class: Class) -> Option<&Arc<Admission>> {
        match class {
            Class::Admin => Some(&self.admin),
            Class::Guard => Some(&self.guard),
            Class::Open => None,
            Class::Page => Some(&self.pages),
            Class::Protocol => Some(&self.protocol),
        }
    }

    /// Requests that were one too many of that quota, so far.
    pub fn over(&self, quota: Quota) -> u64 {
        self.over[quota as usize].load(Ordering::Relaxed)
    }

    /// Whether it is time to say in the log that requests are refused: once in ten seconds, however many there are.
    fn is_told(&self, now: Timestamp) -> bool {
        let now = u64::try_from(now.0 / 10_000).unwrap_or(0);
        self.told_at.swap(now, Ordering::Relaxed) != now
    }

    fn note(&self, quota: Quota, standing: Standing) {
        if standing.is_over {
            self.over[quota as usize].fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What one request finds out about its client's quota.
#[derive(Default, Debug)]
pub struct OfClient {
    quota: OnceLock<u32>,
    standing: OnceLock<Standing>,
}

impl OfClient {
    /// Its row was read, and says so many requests in a minute.
    pub fn read(&self, quota: i64) {
        if let Ok(quota) = u32::try_from(quota) {
            let _known = self.quota.set(quota);
        }
    }

    /// How it stands, where it has a quota.
    pub fn standing(&self) -> Option<Standing> {
        self.standing.get().copied()
    }

    /// Looks whether it has any requests left, before it has shown who it is. `Err` gives the seconds to wait.
    pub fn look(&self, traffic: &Traffic, key: &ClientKey<'_>, now: Timestamp) -> Result<(), u32> {
        match traffic.gcra.look(("client", key), now) {
            Some(standing) if standing.is_over => {
                traffic.note(Quota::Client, standing);
                let _first = self.standing.set(standing);
                Err(standing.reset_s.max(1))
            }
            _ => Ok(()),
        }
    }

    /// Counts the request: it was this client's own. The seconds to wait, when it is one too many; who has done what was asked by then
    /// need not mind, for the next one waits.
    pub fn count(&self, traffic: &Traffic, key: &ClientKey<'_>, now: Timestamp) -> Option<u32> {
        let quota = *self.quota.get().filter(|quota| **quota > 0)?;
        let standing = traffic.gcra.count(("client", key), quota, now);
        let _first = self.standing.set(standing);
        traffic.note(Quota::Client, standing);
        standing.is_over.then_some(standing.reset_s.max(1))
    }
}

/// Whose quota a client's requests count towards: a client that shows a secret has one; one that shows nothing has one at each address,
/// because anybody can say its name.
#[derive(Clone, Copy, Hash, Debug)]
pub struct ClientKey<'a> {
    /// Its tenant.
    pub tenant: &'a str,
    /// The client.
    pub client: &'a str,
    /// The address, where nothing is shown.
    pub holder: Option<u128>,
}

impl Class {
    /// All that have places.
    pub const WITH_PLACES: [Self; 4] = [Self::Admin, Self::Guard, Self::Page, Self::Protocol];

    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Guard => "guard",
            Self::Open => "open",
            Self::Page => "page",
            Self::Protocol => "protocol",
        }
    }
}

/// How long a request waits for a place, unless told otherwise: a thousand that come at once are served by then on a small machine that does
/// other things too, and much longer, and whoever asked has turned away.
const PATIENCE: Duration = Duration::from_secs(3);
const WAITING_PER_PLACE: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(reset_s: u32, is_over: bool) -> Option<Standing> {
        Some(Standing { quota: 1, left: 0, reset_s, is_over })
    }

    #[test]
    fn who_is_over_several_quotas_waits_for_the_last_of_them() {
        for (address, tenant, client, wait_s) in [
            (None, None, None, None),
            (standing(60, false), standing(60, false), None, None),
            (standing(3, true), standing(60, false), standing(7, true), Some(7)),
            (standing(9, true), None, standing(7, true), Some(9)),
            (standing(0, true), None, None, Some(1)),
        ] {
            assert_eq!(Standings { address, tenant, client }.wait_s(), wait_s);
        }
    }

    #[test]
    fn refusals_are_told_once_in_ten_seconds() {
        let traffic = Traffic::new(Quotas::default());
        let at = |s: i64| traffic.is_told(Timestamp(1_800_000_000_000).plus_s(s));
        assert_eq!([0, 0, 9, 10, 19, 30].map(at), [true, false, false, true, false, true]);
    }
}
