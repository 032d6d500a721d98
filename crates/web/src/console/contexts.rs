//! Contexts: one level at a time, and who belongs to them.

use doorward_core::admin::{Access, Area};
use doorward_core::id::{ContextId, UserId};
use doorward_core::model::Context;

use super::act;
use super::rows::{PAGE, PAGE_ROWS, switched};
use super::visit::{Place, code, text, time};
use crate::page::view::console::{ConsolePage, Facts, Field, Form, Link, Part, Section, Table};
use crate::render::Answer;

/// GET: in order of id, from the one after what is asked.
pub async fn list(place: &Place<'_>) -> Answer {
    if let Err(answer) = place.must(Area::Contexts, Access::Read) {
        return *answer;
    }
    let (typed, after) = (place.asked("q"), place.asked("after"));
    let from = ContextId::from(if after.is_empty() { typed } else { after });
    let store = &place.visit.call.app.store;
    let found = async {
        // The one that is called exactly so comes first; those after it follow.
        let mut contexts: Vec<Context> = if after.is_empty() && !typed.is_empty() {
            store.context(place.id(), &from).await?.into_iter().collect()
        } else {
            Vec::new()
        };
        contexts.extend(store.contexts(place.id(), Some(&from), PAGE_ROWS).await?);
        contexts.truncate(PAGE);
        contexts.retain(|context| context.id.as_str().starts_with(typed));
        Ok(contexts)
    };
    let contexts = match found.await {
        Ok(contexts) => contexts,
        Err(fault) => return place.visit.fault(&fault),
    };
    let next = contexts.last().filter(|_| contexts.len() == PAGE);
    let more = next
        .map(|last| place.onward("console-next", "/contexts", &[("q", typed), ("after", last.id.as_str())]));
    let search = Form {
        fields: vec![Field::line("q", place.say("console-contexts-find"), typed)],
        ..Form::ask("contexts", place.path("/contexts"), place.say("console-find-button"))
    };
    let table = table(place, ("list", String::new()), &contexts, more);
    let mut parts = vec![Part::Form(search), Part::Table(table)];
    parts.extend(act::links(place, &["context-make"], "", None));
    place.send(200, place.page(Some(Section::Contexts), place.say("console-contexts"), parts))
}

/// GET of one.
pub async fn show(place: &Place<'_>, id: &str) -> Answer {
    if let Err(answer) = place.must(Area::Contexts, Access::Read) {
        return *answer;
    }
    let store = &place.visit.call.app.store;
    let (inner, member) = (ContextId::from(place.asked("after")), UserId::from(place.asked("member")));
    let found = async {
        let Some(context) = store.context(place.id(), &id.into()).await? else { return Ok(None) };
        let below = store.contexts_in(place.id(), context.key, Some(&inner), PAGE_ROWS).await?;
        let members = store.members_of(place.id(), context.key, Some(&member), PAGE_ROWS).await?;
        Ok(Some((context, below, members)))
    };
    let (context, below, members) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return place.visit.not_found(),
        Err(fault) => return place.visit.fault(&fault),
    };
    let here = format!("/contexts/{}", doorward_wire::percent::encode(id));
    let next = below.last().filter(|_| below.len() == PAGE);
    let more = next.map(|last| place.onward("console-next", &here, &[("after", last.id.as_str())]));
    let switch = if context.disabled_at.is_some() { "context-enable" } else { "context-disable" };
    let mut parts = vec![Part::Facts(facts(place, &context))];
    let acts = ["context-edit", switch, "context-remove"];
    parts.extend(act::links(place, &acts, id, Some(context.version)));
    parts.extend([Part::Table(table(place, ("below", place.say("console-below")), &below, more))]);
    let next = members.last().filter(|_| members.len() == PAGE);
    let more = next.map(|last| place.onward("console-next", &here, &[("member", last.user.as_str())]));
    parts.push(Part::Table(Table {
        id: "members",
        title: place.say("console-members"),
        columns: ["console-person", "console-since", "console-acts"].map(|key| place.say(key)).into(),
        rows: members
            .iter()
            .map(|member| {
                let user = member.user.as_str();
                let acts = act::of_row(place, "member-remove", id, &[("user", user)]);
                vec![vec![place.user(user)], time(Some(member.created_at)), acts]
            })
            .collect(),
        empty: place.say("console-no-members"),
        more: more.into_iter().collect(),
    }));
    let fields = vec![
        Field::line("user", place.say("console-person"), ""),
        Field::line("roles", place.say("console-context-roles"), ""),
    ];
    parts.extend(act::form(place, "member-put", id, None, fields));
    let page = place.page(Some(Section::Contexts), context.name.clone(), parts);
    let badges = switched(place, context.disabled_at);
    place.send(200, ConsolePage { trail: vec![place.trail(Section::Contexts)], badges, ..page })
}

fn table(
    place: &Place<'_>,
    (id, title): (&'static str, String),
    contexts: &[Context],
    more: Option<Link>,
) -> Table {
    Table {
        id,
        title,
        columns: ["console-context", "field-name", "console-parent", "console-state"]
            .map(|key| place.say(key))
            .into(),
        rows: contexts
            .iter()
            .map(|context| {
                vec![
                    vec![place.link((Area::Contexts, "contexts"), context.id.as_str(), context.id.as_str())],
                    text(context.name.as_str()),
                    parent(place, context),
                    switched(place, context.disabled_at),
                ]
            })
            .collect(),
        empty: place.say("console-no-contexts"),
        more: more.into_iter().collect(),
    }
}

fn parent(place: &Place<'_>, context: &Context) -> crate::page::view::console::Cell {
    let parent = context.parent.iter();
    parent.map(|id| place.link((Area::Contexts, "contexts"), id.as_str(), id.as_str())).collect()
}

fn facts(place: &Place<'_>, context: &Context) -> Facts {
    let mut rows = vec![(place.say("console-id"), code(context.id.as_str()))];
    if context.parent.is_some() {
        rows.push((place.say("console-parent"), parent(place, context)));
    }
    rows.extend(context.external_id.as_ref().map(|id| (place.say("console-external"), code(id.as_str()))));
    rows.push((place.say("console-since"), time(Some(context.created_at))));
    rows.push((place.say("console-changed"), time(Some(context.updated_at))));
    Facts { id: "context", title: place.say("console-context"), rows }
}
