//! The table of acts: what each is called, where it writes, and the request that it is.

use serde_json::{Value, json};

use doorward_core::admin::Area;
use doorward_wire::params::Params;
use doorward_wire::percent;

use super::super::visit::{Place, text};
use super::extending::EXTENDING;
use super::request::Request;
use crate::page::view::console::{Facts, Part, Section};

/// A row of the table of acts.
pub struct Act {
    /// Its name in forms and links.
    pub name: &'static str,
    /// What its button says, in the catalogue.
    pub key: &'static str,
    /// The sentence that asks, in the catalogue.
    pub question: &'static str,
    /// The area that it writes in.
    pub area: Area,
    /// Whether it cannot be taken back, or cuts somebody off.
    pub is_dangerous: bool,
    /// The list whose object it is about: where one goes afterwards.
    pub section: Section,
    /// The request, given the object's id and the fields.
    pub request: fn(&str, &Params) -> Request,
    /// Whether the object is gone afterwards.
    pub removes: bool,
    /// Where the request's body is written by whoever acts: what it is at first.
    pub document: Option<Document>,
    /// What of the answer is shown, where there is more to tell than that it is done.
    pub shows: Option<fn(&Place<'_>, &Value) -> Part>,
}

/// What a document is before anybody has written into it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Document {
    /// What the admin API shows of the object.
    AsItIs,
    /// The least that an object of its kind has.
    New(&'static str),
}

/// All of them.
fn all() -> impl Iterator<Item = &'static Act> {
    ACTS.iter().chain(BELOW).chain(DOCUMENTS).chain(EXTENDING)
}

/// The act of that name.
pub fn named(name: &str) -> Option<&'static Act> {
    all().find(|act| act.name == name)
}

/// Words of a field, parted by spaces or lines.
fn words(fields: &Params, name: &str) -> Vec<String> {
    fields.get(name).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// Names of the boxes that are ticked: fields `name.value`.
fn ticked(fields: &Params, name: &str) -> Vec<String> {
    let mark = format!("{name}.");
    fields.iter().filter_map(|(field, _)| field.strip_prefix(&mark)).map(str::to_owned).collect()
}

/// What an invitation says, of the fields that are filled in.
fn invitation(fields: &Params) -> Value {
    let mut body = json!({ "by_mail": fields.get("way") == Some("mail"), "roles": ticked(fields, "role") });
    for name in ["email", "name"] {
        if let Some(value) = fields.get(name).map(str::trim).filter(|value| !value.is_empty()) {
            body[name] = json!(value);
        }
    }
    if let Some(context) = fields.get("context").map(str::trim).filter(|context| !context.is_empty()) {
        let roles = words(fields, "context_roles");
        body["contexts"] = json!([{ "context": context, "roles": roles }]);
    }
    body
}

fn user(id: &str) -> String {
    format!("/users/{}", percent::encode(id))
}

fn client(id: &str) -> String {
    format!("/clients/{}", percent::encode(id))
}

fn context(id: &str) -> String {
    let (kind, id) = id.split_once('/').unwrap_or_default();
    format!("/contexts/{}/{}", percent::encode(kind), percent::encode(id))
}

fn patch(path: String, body: Value) -> Request {
    Request::new("PATCH", path, Some(body))
}

pub(super) fn delete(path: String) -> Request {
    Request::new("DELETE", path, None)
}

pub(super) const fn act(
    (name, key, question): (&'static str, &'static str, &'static str),
    (area, section): (Area, Section),
    request: fn(&str, &Params) -> Request,
) -> Act {
    Act {
        name,
        key,
        question,
        area,
        is_dangerous: false,
        section,
        request,
        removes: false,
        document: None,
        shows: None,
    }
}

pub(super) const fn dangerous(act: Act) -> Act {
    Act { is_dangerous: true, ..act }
}

pub(super) const fn removing(act: Act) -> Act {
    Act { removes: true, ..dangerous(act) }
}

pub(super) const fn showing(act: Act, shows: fn(&Place<'_>, &Value) -> Part) -> Act {
    Act { shows: Some(shows), ..act }
}

/// Everything of something is ended: what it was is shown.
pub(super) const fn ended(
    names: (&'static str, &'static str, &'static str),
    whose: (Area, Section),
    request: fn(&str, &Params) -> Request,
) -> Act {
    showing(dangerous(act(names, whose, request)), receipt)
}

pub(super) fn incident(path: &str) -> Request {
    Request::new("POST", format!("{path}/incident"), Some(json!({})))
}

fn receipt(place: &Place<'_>, body: &Value) -> Part {
    let counts = body["counts"].as_object().into_iter().flatten();
    let rows = counts.map(|(name, count)| {
        let what = match name.as_str() {
            "sessions" => "console-sessions",
            "grants" => "console-grants",
            "secrets" => "console-secrets",
            "installations" => "console-installations",
            "extensions" => "console-extensions",
            _ => "console-keys",
        };
        (place.say(what), text(count.to_string()))
    });
    Part::Facts(Facts { id: "receipt", title: place.say("console-receipt"), rows: rows.collect() })
}

/// Of an object as it is: what is saved is the whole of it.
pub(super) const fn edit(
    name: &'static str,
    whose: (Area, Section),
    request: fn(&str, &Params) -> Request,
) -> Act {
    let act = act((name, "console-edit", "console-edit-question"), whose, request);
    Act { document: Some(Document::AsItIs), ..act }
}

/// Of a new object.
pub(super) const fn make(
    (name, key): (&'static str, &'static str),
    whose: (Area, Section),
    first: &'static str,
    request: fn(&str, &Params) -> Request,
) -> Act {
    Act { document: Some(Document::New(first)), ..act((name, key, "console-make-question"), whose, request) }
}

pub(super) fn put(path: String) -> Request {
    Request::new("PUT", path, None)
}

pub(super) fn post(list: &str) -> Request {
    Request::new("POST", list.to_owned(), None)
}

/// A membership: the context's id, and whose it is.
fn member(id: &str, fields: &Params) -> String {
    format!("{}/members/{}", context(id), percent::encode(fields.get("user").unwrap_or("-").trim()))
}

const PEOPLE: (Area, Section) = (Area::Users, Section::People);
const CLIENTS: (Area, Section) = (Area::Clients, Section::Clients);
const CONTEXTS: (Area, Section) = (Area::Contexts, Section::Contexts);
const ROLES: (Area, Section) = (Area::Roles, Section::Roles);
const APIS: (Area, Section) = (Area::Apis, Section::Apis);
const ISSUERS: (Area, Section) = (Area::Issuers, Section::Overview);
const TENANTS: (Area, Section) = (Area::Tenants, Section::Overview);

/// The acts.
pub static ACTS: &[Act] = &[
    act(("user-lock", "console-lock", "console-lock-question"), PEOPLE, |id, _| {
        patch(user(id), json!({ "locked": true }))
    }),
    act(("user-unlock", "console-unlock", "console-unlock-question"), PEOPLE, |id, _| {
        patch(user(id), json!({ "locked": false }))
    }),
    dangerous(act(("user-disable", "console-disable", "console-disable-person"), PEOPLE, |id, _| {
        patch(user(id), json!({ "disabled": true }))
    })),
    act(("user-enable", "console-enable", "console-enable-person"), PEOPLE, |id, _| {
        patch(user(id), json!({ "disabled": false }))
    }),
    ended(("user-incident", "console-incident", "console-incident-person"), PEOPLE, |id, _| {
        incident(&user(id))
    }),
    act(("user-roles", "console-change-roles", "console-change-roles-question"), PEOPLE, |id, fields| {
        patch(user(id), json!({ "roles": ticked(fields, "role") }))
    }),
    act(("user-reset-link", "console-reset-link", "console-reset-link-question"), PEOPLE, |id, _| {
        Request::new("POST", format!("{}/reset-link", user(id)), None)
    }),
    act(("user-sign-in-link", "console-sign-in-link", "console-sign-in-link-question"), PEOPLE, |id, _| {
        Request::new("POST", format!("{}/sign-in-link", user(id)), None)
    }),
    act(
        ("user-require-password", "console-require-password", "console-require-password-question"),
        PEOPLE,
        |id, _| Request::new("POST", format!("{}/require-password", user(id)), None),
    ),
    dangerous(act(
        ("user-reset-factor", "console-reset-factor", "console-reset-factor-question"),
        PEOPLE,
        |id, _| delete(format!("{}/second-factor", user(id))),
    )),
    act(("invite", "console-invite", "console-invite-question"), PEOPLE, |_, fields| {
        Request::new("POST", "/invitations".to_owned(), Some(invitation(fields)))
    }),
    removing(act(
        ("invitation-withdraw", "console-withdraw-invitation", "console-withdraw-invitation-question"),
        PEOPLE,
        |id, _| delete(format!("/invitations/{}", percent::encode(id))),
    )),
    removing(act(("user-remove", "console-remove", "console-remove-person"), PEOPLE, |id, _| {
        delete(user(id))
    })),
    dangerous(act(("client-disable", "console-disable", "console-disable-client"), CLIENTS, |id, _| {
        patch(client(id), json!({ "disabled": true }))
    })),
    act(("client-enable", "console-enable", "console-enable-client"), CLIENTS, |id, _| {
        patch(client(id), json!({ "disabled": false }))
    }),
    removing(act(("client-remove", "console-remove", "console-remove-client"), CLIENTS, |id, _| {
        delete(client(id))
    })),
    act(
        ("role-permissions", "console-change-permissions", "console-change-permissions-question"),
        (Area::Roles, Section::Roles),
        |id, fields| {
            patch(
                format!("/roles/{}", percent::encode(id)),
                json!({ "permissions": words(fields, "permissions") }),
            )
        },
    ),
    act(
        ("role-make", "console-make-role", "console-make-role-question"),
        (Area::Roles, Section::Roles),
        |id, fields| {
            let mut role = json!({ "id": id });
            if let Some(name) = fields.get("name").filter(|name| !name.is_empty()) {
                role["name"] = json!(name);
            }
            Request::new("POST", "/roles".to_owned(), Some(role))
        },
    ),
    removing(act(
        ("role-remove", "console-remove", "console-remove-role"),
        (Area::Roles, Section::Roles),
        |id, _| delete(format!("/roles/{}", percent::encode(id))),
    )),
    dangerous(act(
        ("context-disable", "console-disable", "console-disable-context"),
        (Area::Contexts, Section::Contexts),
        |id, _| patch(context(id), json!({ "disabled": true })),
    )),
    act(
        ("context-enable", "console-enable", "console-enable-context"),
        (Area::Contexts, Section::Contexts),
        |id, _| patch(context(id), json!({ "disabled": false })),
    ),
];

/// Acts whose request is written as a document: all that can be said of an object.
pub static DOCUMENTS: &[Act] = &[
    edit("user-edit", PEOPLE, |id, _| put(user(id))),
    make(
        ("user-make", "console-make-user"),
        PEOPLE,
        r#"{ "user_name": "", "email": "", "profile": { "name": "" } }"#,
        |_, _| post("/users"),
    ),
    edit("client-edit", CLIENTS, |id, _| put(client(id))),
    make(
        ("client-make", "console-make-client"),
        CLIENTS,
        r#"{ "id": "", "name": "", "redirect_uris": [], "scopes": "openid" }"#,
        |_, _| post("/clients"),
    ),
    edit("api-edit", APIS, |id, _| put(format!("/apis/{}", percent::encode(id)))),
    make(("api-make", "console-make-api"), APIS, r#"{ "id": "", "name": "", "scopes": [] }"#, |_, _| {
        post("/apis")
    }),
    removing(act(("api-remove", "console-remove", "console-remove-api"), APIS, |id, _| {
        delete(format!("/apis/{}", percent::encode(id)))
    })),
    edit("role-edit", ROLES, |id, _| put(format!("/roles/{}", percent::encode(id)))),
    edit("context-edit", CONTEXTS, |id, _| put(context(id))),
    make(
        ("context-make", "console-make-context"),
        CONTEXTS,
        r#"{ "id": "project/", "name": "" }"#,
        |_, _| post("/contexts"),
    ),
    removing(act(("context-remove", "console-remove", "console-remove-context"), CONTEXTS, |id, _| {
        delete(context(id))
    })),
    edit("issuer-edit", ISSUERS, |id, _| put(format!("/issuers/{}", percent::encode(id)))),
    make(("issuer-make", "console-make-issuer"), ISSUERS, r#"{ "id": "", "url": "https://" }"#, |_, _| {
        post("/issuers")
    }),
    edit("tenant-edit", TENANTS, |_, _| put(String::new())),
];

/// Acts on what hangs on people and clients, and on keys.
pub static BELOW: &[Act] = &[
    dangerous(act(
        ("session-end", "console-end-session", "console-end-session-question"),
        (Area::Sessions, Section::People),
        |id, _| delete(format!("/sessions/{}", percent::encode(id))),
    )),
    dangerous(act(
        ("sessions-end", "console-end-sessions", "console-end-sessions-question"),
        (Area::Sessions, Section::People),
        |id, _| delete(format!("{}/sessions", user(id))),
    )),
    dangerous(act(
        ("grant-end", "console-end-grant", "console-end-grant-question"),
        (Area::Grants, Section::People),
        |id, _| delete(format!("/grants/{}", percent::encode(id))),
    )),
    dangerous(act(
        ("consent-end", "console-end-consent", "console-end-consent-question"),
        (Area::Consents, Section::People),
        |id, _| delete(format!("/consents/{}", percent::encode(id))),
    )),
    act(("secret-make", "console-make-secret", "console-make-secret-question"), CLIENTS, |id, fields| {
        let retire_s = fields.get("retire_others_s").and_then(|seconds| seconds.trim().parse::<i64>().ok());
        let body = retire_s.map_or_else(|| json!({}), |seconds| json!({ "retire_others_s": seconds }));
        Request::new("POST", format!("{}/secrets", client(id)), Some(body))
    }),
    act(
        ("secret-make-pending", "console-make-pending", "console-make-pending-question"),
        CLIENTS,
        |id, _| Request::new("POST", format!("{}/secrets", client(id)), Some(json!({ "state": "pending" }))),
    ),
    act(
        ("secret-activate", "console-activate-secret", "console-activate-secret-question"),
        CLIENTS,
        |id, fields| {
            let secret = percent::encode(fields.get("secret").unwrap_or("-"));
            Request::new("POST", format!("{}/secrets/{secret}/activate", client(id)), Some(json!({})))
        },
    ),
    act(("member-put", "console-put-member", "console-put-member-question"), CONTEXTS, |id, fields| {
        Request::new("PUT", member(id, fields), Some(json!({ "roles": words(fields, "roles") })))
    }),
    dangerous(act(
        ("member-remove", "console-remove-member", "console-remove-member-question"),
        CONTEXTS,
        |id, fields| delete(member(id, fields)),
    )),
    dangerous(act(
        ("secret-remove", "console-remove-secret", "console-remove-secret-question"),
        CLIENTS,
        |id, fields| {
            let secret = fields.get("secret").unwrap_or("-");
            delete(format!("{}/secrets/{}", client(id), percent::encode(secret)))
        },
    )),
    dangerous(act(
        ("keys-rotate", "console-rotate-key", "console-rotate-key-question"),
        (Area::Keys, Section::Keys),
        |id, _| Request::new("POST", "/keys/rotate".to_owned(), Some(json!({ "algorithm": id }))),
    )),
    dangerous(act(
        ("key-remove", "console-withdraw-key", "console-withdraw-key-question"),
        (Area::Keys, Section::Keys),
        |id, _| delete(format!("/keys/{}", percent::encode(id))),
    )),
];

#[cfg(test)]
mod tests {
    use doorward_core::admin::Access;

    use super::*;
    use crate::admin;

    #[test]
    fn acts_are_requests_of_the_api_that_exist() {
        let mut names = std::collections::BTreeSet::new();
        for act in all() {
            assert!(names.insert(act.name), "{}", act.name);
            let request = (act.request)("a/b", &Params::default());
            let path = format!("/tenants/t{}", request.path);
            let found = admin::route::find(request.method, &path);
            let admin::route::Found::Route(route, _) = found else { panic!("{} {path}", request.method) };
            assert_eq!((route.area, route.access), (act.area, Access::Write), "{}", act.name);
        }
    }
}
