//! From what shall be to effects. One kind after the other, so that the store can put rows of a kind together; what goes comes first,
//! and what is made before what hangs on it.

use serde::Serialize;
use serde_json::json;

use super::work::{Slot, Work};
use crate::desired::diff;
use crate::desired::minted::{Minted, Place, assign};
use crate::desired::planner::value;
use crate::desired::{ContextSpec, CurrentMembership, CurrentUser, MembershipSpec, UserSpec};
use crate::model::{Context, Event, EventKind, Tombstone};
use crate::{Ctx, Effect};

/// The effects of a batch.
pub(super) fn of(work: Work<'_>, ctx: &mut Ctx<'_>) -> Vec<Effect> {
    let mut list = List { first: Vec::new(), removals: Vec::new(), writes: Vec::new(), events: Vec::new() };
    contexts(&work, &mut list, ctx);
    users(&work, &mut list, ctx);
    memberships(&work, &mut list, ctx);
    let tenant = work.batch.tenant;
    list.writes.extend(work.buried.iter().map(|((kind, id), version)| {
        Effect::PutTombstone(Tombstone {
            tenant: tenant.clone(),
            kind: *kind,
            external_id: id.clone(),
            version: *version,
            removed_at: ctx.now,
        })
    }));
    let List { mut first, removals, writes, events } = list;
    first.extend(removals);
    first.extend(writes);
    first.extend(events);
    first
}

struct List {
    /// What goes before whatever it hangs on does.
    first: Vec<Effect>,
    removals: Vec<Effect>,
    writes: Vec<Effect>,
    events: Vec<Effect>,
}

fn users(work: &Work<'_>, list: &mut List, ctx: &mut Ctx<'_>) {
    let tenant = work.batch.tenant;
    let mut credentials = Vec::new();
    let mut given = Vec::new();
    for Slot { before, now } in &work.users {
        match (before, now) {
            (Some(before), None) => {
                let user = &before.user;
                list.removals.push(Effect::RemoveUser(tenant.clone(), user.id.clone(), user.version));
                let event = event(work, EventKind::ObjectRemoved, ("user", &user.user_name), &[], ctx);
                list.events.push(Effect::Record(event.user(&user.id)));
            }
            (before, Some(now)) if is_changed(before.as_ref(), now) => {
                let (user, was) = (&now.user, before.as_ref());
                if was.is_some_and(|was| !keeps_names(was, now)) {
                    list.removals.push(Effect::FreeNames(tenant.clone(), user.id.clone()));
                }
                let stored = was.and_then(|was| was.password.as_ref());
                if let Some(password) = now.password.as_ref().filter(|now| Some(*now) != stored) {
                    credentials.push(Effect::PutCredential(password.clone()));
                }
                let place = Place { tenant, user: &user.id, context: None };
                let wanted = now.roles.iter().map(|role| &role.role_id);
                let has = was.map_or(&[][..], |was| &was.roles);
                let minted = Minted::default();
                given.extend(assign(&place, wanted, has, &work.role_keys, &minted, work.batch.actor, ctx));
                let fields = was.map(|was| fields(&UserSpec::of(was), &UserSpec::of(now)));
                let event = changed(work, ("user", &user.user_name), fields, ctx);
                list.events.push(Effect::Record(event.user(&user.id)));
                list.writes.push(Effect::PutUser(user.clone()));
            }
            _ => {}
        }
    }
    list.writes.append(&mut credentials);
    split(given, list);
}

fn contexts(work: &Work<'_>, list: &mut List, ctx: &mut Ctx<'_>) {
    let tenant = work.batch.tenant;
    let mut put: Vec<&Context> = Vec::new();
    for Slot { before, now } in &work.contexts {
        match (before, now) {
            (Some(before), None) => {
                let (key, version) = (before.key, before.version);
                list.removals.push(Effect::RemoveContext {
                    tenant: tenant.clone(),
                    key,
                    version,
                    now: ctx.now,
                });
                let id = before.id.as_str();
                let event = event(work, EventKind::ObjectRemoved, ("context", id), &[], ctx);
                list.events.push(Effect::Record(event));
            }
            (before, Some(now)) if before.as_ref() != Some(now) => {
                let fields = before.as_ref().map(|was| fields(&ContextSpec::of(was), &ContextSpec::of(now)));
                let event = changed(work, ("context", now.id.as_str()), fields, ctx);
                list.events.push(Effect::Record(event));
                put.push(now);
            }
            _ => {}
        }
    }
    put.sort_by_key(|context| context.ancestors.len());
    list.writes.extend(put.into_iter().cloned().map(Effect::PutContext));
}

fn memberships(work: &Work<'_>, list: &mut List, ctx: &mut Ctx<'_>) {
    let tenant = work.batch.tenant;
    let mut given = Vec::new();
    for Slot { before, now } in &work.memberships {
        match (before, now) {
            (Some(before), None) => {
                let gone = &before.membership;
                list.first.push(Effect::RemoveMembership(
                    tenant.clone(),
                    gone.user.clone(),
                    gone.context,
                    gone.version,
                ));
                let id = label(before);
                let event = event(work, EventKind::ObjectRemoved, ("membership", &id), &[], ctx);
                list.events.push(Effect::Record(event.user(&gone.user)));
            }
            (before, Some(now)) if !is_same_membership(before.as_ref(), now) => {
                let user = &now.membership.user;
                let spec = |found: &CurrentMembership| MembershipSpec::of(found, user.as_str());
                let fields = before.as_ref().map(|was| fields(&spec(was), &spec(now)));
                let event = changed(work, ("membership", &label(now)), fields, ctx);
                list.events.push(Effect::Record(event.user(user)));
                let membership = &now.membership;
                let context = Some((membership.context, &membership.context_id));
                let place = Place { tenant, user, context };
                let wanted = now.roles.iter().map(|role| &role.role_id);
                let has = before.as_ref().map_or(&[][..], |was| &was.roles);
                let minted = Minted::default();
                given.extend(assign(&place, wanted, has, &work.role_keys, &minted, work.batch.actor, ctx));
                list.writes.push(Effect::PutMembership(membership.clone()));
            }
            _ => {}
        }
    }
    split(given, list);
}

/// Roles, and their events.
fn split(given: Vec<Effect>, list: &mut List) {
    let (mut events, mut roles): (Vec<Effect>, Vec<Effect>) =
        given.into_iter().partition(|effect| matches!(effect, Effect::Record(_)));
    list.writes.append(&mut roles);
    list.events.append(&mut events);
}

fn is_changed(before: Option<&CurrentUser>, now: &CurrentUser) -> bool {
    before.is_none_or(|before| before.user != now.user || before.password != now.password)
}

fn is_same_membership(before: Option<&CurrentMembership>, now: &CurrentMembership) -> bool {
    before.is_some_and(|before| before.membership == now.membership)
}

fn keeps_names(before: &CurrentUser, now: &CurrentUser) -> bool {
    before.user.user_name_key == now.user.user_name_key
        && before.user.email_key == now.user.email_key
        && before.user.external_id == now.user.external_id
}

fn label(found: &CurrentMembership) -> String {
    format!("{} in {}", found.membership.user, found.membership.context_id)
}

/// The members that differ.
fn fields(before: &impl Serialize, now: &impl Serialize) -> Vec<String> {
    let mut fields: Vec<String> =
        diff::lines(Some(&value(before)), &value(now)).into_iter().map(|line| line.field).collect();
    fields.dedup();
    fields
}

fn changed(work: &Work<'_>, object: (&str, &str), fields: Option<Vec<String>>, ctx: &mut Ctx<'_>) -> Event {
    match fields {
        None => event(work, EventKind::ObjectCreated, object, &[], ctx),
        Some(fields) => event(work, EventKind::ObjectChanged, object, &fields, ctx),
    }
}

/// As the plan's events are, and that it came by an import.
fn event(
    work: &Work<'_>,
    kind: EventKind,
    (object, id): (&str, &str),
    fields: &[String],
    ctx: &mut Ctx<'_>,
) -> Event {
    let data = match kind {
        EventKind::ObjectChanged => json!({ "object": object, "id": id, "fields": fields, "by": "import" }),
        _ => json!({ "object": object, "id": id, "by": "import" }),
    };
    Event::new(kind, work.batch.tenant, work.batch.actor.clone(), ctx).data(data)
}
