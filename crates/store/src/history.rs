//! The audit trail as administrators read it: by filters, newest or oldest first. The cost of a page does not grow with the trail: it is
//! read in slices by `seq`, of a person or a client by an index of its own, and a page ends after so many rows, whether or not they
//! were what was asked for.

use doorward_core::Timestamp;
use doorward_core::id::{ClientId, GrantId, InstallationId, TenantId, UserId};
use doorward_core::model::{Actor, EventKind};

use crate::events::{NUMBERED, Numbered, numbered};
use crate::statement::statements;
use crate::{Fault, Store};

statements! {
    /// A tenant's events before a number, the latest first.
    pub(crate) EVENTS_BACK = tenant
        "SELECT", NUMBERED, "FROM events WHERE tenant = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
    /// The same of those that concern a person.
    pub(crate) EVENTS_BACK_OF_USER = tenant
        "SELECT", NUMBERED, "FROM events WHERE tenant = $1 AND user_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4";
    /// The same of those that concern a client.
    pub(crate) EVENTS_BACK_OF_CLIENT = tenant
        "SELECT", NUMBERED, "FROM events WHERE tenant = $1 AND client_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4";
    /// A tenant's events after a number, the oldest first.
    pub(crate) EVENTS_ON = tenant
        "SELECT", NUMBERED, "FROM events WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    /// The same of those that concern a person.
    pub(crate) EVENTS_ON_OF_USER = tenant
        "SELECT", NUMBERED, "FROM events WHERE tenant = $1 AND user_id = $2 AND seq > $3 ORDER BY seq LIMIT $4";
    /// The same of those that concern a client.
    pub(crate) EVENTS_ON_OF_CLIENT = tenant
        "SELECT", NUMBERED, "FROM events WHERE tenant = $1 AND client_id = $2 AND seq > $3 ORDER BY seq LIMIT $4";
    /// A tenant's events that concern an installation, before a number, the latest first.
    pub(crate) EVENTS_BACK_OF_INSTALLATION = tenant
        "SELECT", NUMBERED, "FROM events WHERE tenant = $1 AND installation_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4";
    /// The same after a number, the oldest first.
    pub(crate) EVENTS_ON_OF_INSTALLATION = tenant
        "SELECT", NUMBERED, "FROM events WHERE tenant = $1 AND installation_id = $2 AND seq > $3 ORDER BY seq LIMIT $4";
    /// Number and time of a tenant's last event up to a number: where a time lies is found by halving.
    pub(crate) EVENT_UP_TO = tenant
        "SELECT seq, happened_at FROM events WHERE tenant = $1 AND seq <= $2 ORDER BY seq DESC LIMIT 1";
}

/// Which events.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct EventFilter {
    /// Those that concern this person.
    pub user: Option<UserId>,
    /// Those that concern this client.
    pub client: Option<ClientId>,
    /// Those that concern this grant.
    pub grant: Option<GrantId>,
    /// Those that concern this installation.
    pub installation: Option<InstallationId>,
    /// Those of what this one did.
    pub actor: Option<Actor>,
    /// Those of this kind.
    pub kind: Option<EventKind>,
    /// Those that happened then or later.
    pub from: Option<Timestamp>,
    /// Those that happened before.
    pub to: Option<Timestamp>,
}

/// What comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// What happened last.
    NewestFirst,
    /// What happened first.
    OldestFirst,
}

/// A page of events.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct EventPage {
    /// The events, in the order that was asked for.
    pub events: Vec<Numbered>,
    /// Where the next page goes on, past this number. None when there is nothing more.
    pub next: Option<i64>,
    /// When what was looked at last happened.
    pub reached: Option<Timestamp>,
}

impl EventFilter {
    /// Whether nothing more can fit once something of this time was met.
    fn is_passed(&self, order: Order, at: Timestamp) -> bool {
        match order {
            Order::NewestFirst => self.from.is_some_and(|from| at.plus_ms(DEFERRED_MS) < from),
            Order::OldestFirst => self.to.is_some_and(|to| at >= to.plus_ms(DEFERRED_MS)),
        }
    }

    /// Whether an event is one of those. Person and client are asked too: one of them may have been left to the statement.
    fn fits(&self, found: &Numbered) -> bool {
        let event = &found.event;
        let same = |wish: &Option<UserId>| wish.is_none() || *wish == event.user;
        same(&self.user)
            && (self.client.is_none() || self.client == event.client)
            && (self.installation.is_none() || self.installation == event.installation)
            && (self.grant.is_none() || self.grant == event.grant)
            && self.actor.as_ref().is_none_or(|actor| *actor == event.actor)
            && self.kind.is_none_or(|kind| kind == event.kind)
            && self.from.is_none_or(|from| event.at >= from)
            && self.to.is_none_or(|to| event.at < to)
    }
}

impl Store {
    /// At most `limit` events of a tenant that fit, from what lies past the number `place`: before it where the newest come first, after
    /// it otherwise.
    pub async fn history(
        &self,
        tenant: &TenantId,
        filter: &EventFilter,
        order: Order,
        place: Option<i64>,
        limit: usize,
    ) -> Result<EventPage, Fault> {
        let mut place = match place {
            Some(place) => place,
            None => self.beginning(tenant, filter, order).await?,
        };
        let mut page = EventPage::default();
        let mut looked_at = 0;
        while looked_at < MOST_LOOKED_AT {
            let slice = self.slice(tenant, filter, order, place).await?;
            let is_last = slice.len() < SLICE;
            looked_at += slice.len();
            for found in slice {
                place = found.seq;
                page.reached = Some(found.event.at);
                if filter.is_passed(order, found.event.at) {
                    return Ok(page);
                }
                if filter.fits(&found) {
                    page.events.push(found);
                }
                if page.events.len() == limit {
                    page.next = Some(place);
                    return Ok(page);
                }
            }
            if is_last {
                return Ok(page);
            }
        }
        page.next = Some(place);
        Ok(page)
    }

    /// Past which number the first page begins.
    async fn beginning(&self, tenant: &TenantId, filter: &EventFilter, order: Order) -> Result<i64, Fault> {
        match (order, filter.from, filter.to) {
            (Order::NewestFirst, _, None) => Ok(i64::MAX),
            (Order::NewestFirst, _, Some(to)) => {
                let last = self.last_seq_before(tenant, to.plus_ms(DEFERRED_MS)).await?;
                // The one after is looked at, too: whatever it is, the filter decides.
                Ok(last.saturating_add(2))
            }
            (Order::OldestFirst, None, _) => Ok(0),
            (Order::OldestFirst, Some(from), _) => {
                self.last_seq_before(tenant, from.plus_ms(-DEFERRED_MS)).await
            }
        }
    }

    async fn slice(
        &self,
        tenant: &TenantId,
        filter: &EventFilter,
        order: Order,
        place: i64,
    ) -> Result<Vec<Numbered>, Fault> {
        let tenant = tenant.as_str();
        let (all, of_user, of_client, of_installation) = match order {
            Order::NewestFirst => {
                (&EVENTS_BACK, &EVENTS_BACK_OF_USER, &EVENTS_BACK_OF_CLIENT, &EVENTS_BACK_OF_INSTALLATION)
            }
            Order::OldestFirst => {
                (&EVENTS_ON, &EVENTS_ON_OF_USER, &EVENTS_ON_OF_CLIENT, &EVENTS_ON_OF_INSTALLATION)
            }
        };
        if let Some(installation) = &filter.installation {
            let params = [tenant.into(), installation.as_str().into(), place.into(), SLICE_ROWS.into()];
            return self.list(of_installation, &params, numbered).await;
        }
        match (&filter.user, &filter.client) {
            (Some(user), _) => {
                let params = [tenant.into(), user.as_str().into(), place.into(), SLICE_ROWS.into()];
                self.list(of_user, &params, numbered).await
            }
            (None, Some(client)) => {
                let params = [tenant.into(), client.as_str().into(), place.into(), SLICE_ROWS.into()];
                self.list(of_client, &params, numbered).await
            }
            (None, None) => self.list(all, &[tenant.into(), place.into(), SLICE_ROWS.into()], numbered).await,
        }
    }

    /// The number up to which everything happened before `at`, near enough: by halving, for events are numbered about in the order of
    /// their times. The last number of all where nothing happened at `at` or later.
    async fn last_seq_before(&self, tenant: &TenantId, at: Timestamp) -> Result<i64, Fault> {
        let Some((mut high, last)) = self.event_up_to(tenant, i64::MAX).await? else { return Ok(0) };
        if last < at {
            return Ok(high);
        }
        let mut low = 0;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            match self.event_up_to(tenant, middle).await? {
                Some((_, then)) if then >= at => high = middle,
                Some(_) | None => low = middle,
            }
        }
        Ok(low)
    }

    async fn event_up_to(&self, tenant: &TenantId, seq: i64) -> Result<Option<(i64, Timestamp)>, Fault> {
        let params = [tenant.as_str().into(), seq.into()];
        self.one(&EVENT_UP_TO, &params, |row| Ok((row.int()?, row.time()?))).await
    }
}

const SLICE: usize = 200;
const SLICE_ROWS: i64 = 200;
/// Rows of one page, whatever of them is shown.
const MOST_LOOKED_AT: usize = 5_000;
/// Some events are written a moment after they happened, so that times of neighbours may be a little out of order.
const DEFERRED_MS: i64 = 120_000;
