//! APIs and their scopes.

use doorward_core::admin::{Access, Area};
use doorward_core::model::{Api, RouteRule, TokenFormat};

use super::act;
use super::rows::switched;
use super::visit::{Place, code, text, time};
use crate::page::view::console::{Bit, ConsolePage, Facts, Part, Section, Table};
use crate::render::Answer;

/// GET.
pub async fn list(place: &Place<'_>) -> Answer {
    if let Err(answer) = place.must(Area::Apis, Access::Read) {
        return *answer;
    }
    let table = Table {
        id: "list",
        title: String::new(),
        columns: ["console-id", "field-name", "console-scopes", "console-state"]
            .map(|key| place.say(key))
            .into(),
        rows: place
            .tenant
            .apis
            .iter()
            .map(|api| {
                vec![
                    vec![place.link((Area::Apis, "apis"), api.id.as_str(), api.id.as_str())],
                    text(api.name.as_str()),
                    text(api.scopes.len().to_string()),
                    switched(place, api.disabled_at),
                ]
            })
            .collect(),
        empty: String::new(),
        more: Vec::new(),
    };
    let mut parts = vec![Part::Table(table)];
    parts.extend(act::links(place, &["api-make"], "", None));
    place.send(200, place.page(Some(Section::Apis), place.say("console-apis"), parts))
}

/// GET of one.
pub async fn show(place: &Place<'_>, id: &str) -> Answer {
    if let Err(answer) = place.must(Area::Apis, Access::Read) {
        return *answer;
    }
    let Some(api) = place.tenant.apis.iter().find(|api| api.id.as_str() == id) else {
        return place.visit.not_found();
    };
    let mut parts = vec![Part::Facts(facts(place, api)), Part::Table(scopes(place, api))];
    if !api.guard.routes.is_empty() {
        parts.push(Part::Table(routes(place, api)));
    }
    // What the server itself has is nobody's to change.
    if api.created_at.0 > 0 {
        parts.extend(act::links(place, &["api-edit", "api-remove"], id, Some(api.version)));
    }
    let page = place.page(Some(Section::Apis), api.name.clone(), parts);
    let badges = switched(place, api.disabled_at);
    place.send(200, ConsolePage { trail: vec![place.trail(Section::Apis)], badges, ..page })
}

fn facts(place: &Place<'_>, api: &Api) -> Facts {
    let format = match api.token_format {
        TokenFormat::Jwt => "JWT",
        TokenFormat::Opaque => "opaque",
    };
    let mut rows = vec![
        (place.say("console-id"), code(api.id.as_str())),
        (place.say("console-format"), code(format)),
        (place.say("console-algorithm"), code(api.signing_algorithm.as_str())),
    ];
    rows.extend(
        api.access_token_s.map(|seconds| {
            (place.say("console-token-life"), vec![Bit::Say(place.visit.frame.span(&seconds))])
        }),
    );
    if api.created_at.0 > 0 {
        rows.push((place.say("console-since"), time(Some(api.created_at))));
    }
    Facts { id: "api", title: place.say("console-registration"), rows }
}

fn scopes(place: &Place<'_>, api: &Api) -> Table {
    Table {
        id: "scopes",
        title: place.say("console-scopes"),
        columns: ["console-scope", "console-about", "console-permission"].map(|key| place.say(key)).into(),
        rows: api
            .scopes
            .iter()
            .map(|scope| {
                vec![
                    code(scope.name.as_str()),
                    text(scope.description.as_str()),
                    scope.permission.iter().map(|permission| Bit::Code(permission.to_string())).collect(),
                ]
            })
            .collect(),
        empty: place.say("console-no-scopes"),
        more: Vec::new(),
    }
}

fn routes(place: &Place<'_>, api: &Api) -> Table {
    Table {
        id: "routes",
        title: place.say("console-routes"),
        columns: ["console-methods", "console-path", "console-asked"].map(|key| place.say(key)).into(),
        rows: api.guard.routes.iter().map(|rule| route(place, rule)).collect(),
        empty: String::new(),
        more: Vec::new(),
    }
}

fn route(place: &Place<'_>, rule: &RouteRule) -> Vec<Vec<Bit>> {
    let methods = match rule.methods.is_empty() {
        true => text(place.say("console-every-method")),
        false => code(rule.methods.join(" ")),
    };
    let asked = match rule.open {
        true => text(place.say("console-nothing-asked")),
        false => {
            let sign_in = rule.max_age.map(|seconds| {
                format!("{} {}", place.say("console-signed-in-within"), place.visit.frame.span(&seconds))
            });
            let mut asked: Vec<Bit> = rule.scopes.iter().chain(&rule.acr).cloned().map(Bit::Code).collect();
            asked.extend(sign_in.map(Bit::Say));
            if asked.is_empty() { text(place.say("console-token-asked")) } else { asked }
        }
    };
    vec![methods, code(rule.path.as_str()), asked]
}
