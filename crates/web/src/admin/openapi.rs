//! The OpenAPI document and the page of the manual, both from the table of routes.

use std::collections::BTreeMap;
use std::fmt::Write;

use doorward_core::admin::{Access, Area, SERVER};
use serde_json::{Map, Value, json};

use super::MOST_BYTES;
use super::problem::Kind;
use super::resource::import;
use super::route::{Answered, Route, routes};
use super::schema::{Member, Object, Type, Way};

/// Where it is, below the API.
pub const PATH: &str = "/openapi.json";

/// The document, for an API at that address.
pub fn document(server: &str) -> Value {
    let mut schemas = BTreeMap::new();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for route in routes() {
        let operation = operation(route, &mut schemas);
        paths.entry(route.path).or_default().insert(route.method.to_ascii_lowercase(), operation);
    }
    schemas.insert("Problem".to_owned(), problem());
    let mut scopes: BTreeMap<&str, String> = BTreeMap::new();
    for area in Area::ALL {
        scopes.insert(area.scope(Access::Read), format!("See {}", area.words().0));
        scopes.insert(area.scope(Access::Write), format!("Change {}", area.words().0));
    }
    scopes.insert(SERVER, "In every tenant of the server".to_owned());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Doorward administration",
            "version": "1",
            "description": "Every object of a tenant. Tokens are ordinary access tokens of the issuer for urn:doorward:admin; \
                a token reaches its own tenant, with admin:server every one.",
        },
        "servers": [{ "url": server }],
        "security": [{ "oauth": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "oauth": { "type": "oauth2", "flows": {
                "clientCredentials": { "tokenUrl": "../../token", "scopes": scopes },
            } } },
        },
    })
}

fn operation(route: &Route, schemas: &mut BTreeMap<String, Value>) -> Value {
    let mut parameters: Vec<Value> = route
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } }))
        .collect();
    parameters.extend(route.query.iter().map(|query| {
        let schema = match query.name {
            "limit" => json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }),
            "disabled" => json!({ "type": "boolean" }),
            "from" | "to" => json!({ "type": "string", "format": "date-time" }),
            "order" => json!({ "type": "string", "enum": ["oldest", "newest"] }),
            _ => json!({ "type": "string" }),
        };
        // An empty parameter is an absent one.
        json!({ "name": query.name, "in": "query", "description": query.about, "allowEmptyValue": true, "schema": schema })
    }));
    let header = |name: &str, about: &str| json!({ "name": name, "in": "header", "description": about, "schema": { "type": "string" } });
    if route.method == "POST" {
        parameters
            .push(header("Idempotency-Key", "a repeat with the same key gets the same answer, for a day"));
    }
    let versioned = matches!(route.answer, Answered::Put(_))
        || route.method == "PATCH"
        || (route.method == "DELETE" && object_of(route).is_some());
    if versioned {
        parameters.push(header("If-Match", "the ETag of the version that was seen"));
    }
    if matches!(route.answer, Answered::Put(_)) {
        parameters.push(header("If-None-Match", "`*`: only make it, never replace it"));
    }
    let mut responses = Map::new();
    let content = |schema: Value| json!({ "application/json": { "schema": schema } });
    let mut told = |status: &str, about: &str, schema: Option<Value>| {
        let mut response = json!({ "description": about });
        if let Some(schema) = schema {
            response["content"] = content(schema);
        }
        responses.insert(status.to_owned(), response);
    };
    match route.answer {
        Answered::One(object) => told("200", "The object", Some(reference(object, schemas))),
        Answered::Made(object) => told("201", "It was made", Some(reference(object, schemas))),
        Answered::Put(object) => {
            told("200", "It was replaced", Some(reference(object, schemas)));
            told("201", "It was made", Some(reference(object, schemas)));
        }
        Answered::Page(object) => {
            let item = reference(object, schemas);
            let page = json!({
                "type": "object",
                "required": ["items", "next"],
                "properties": {
                    "items": { "type": "array", "items": item },
                    "next": { "type": ["string", "null"], "description": "where to go on; null at the end" },
                },
            });
            told("200", "A page", Some(page));
        }
        Answered::Nothing => told("204", "It is done", None),
    }
    let problem =
        json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
    for kind in kinds(route, versioned) {
        responses.insert(
            kind.status().to_string(),
            json!({ "description": kind.title(), "content": problem.clone() }),
        );
    }
    if route.request.is_some() || route.path == import::PATH {
        let what = format!("The body is too large: it may have {MOST_BYTES} bytes");
        responses.insert("413".to_owned(), json!({ "description": what, "content": problem }));
    }
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": [route.area.as_str()],
        "security": [{ "oauth": [route.area.scope(route.access)] }],
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(object) = route.request {
        let mut schema =
            if route.method == "PUT" { put(object, schemas) } else { reference(object, schemas) };
        let mut media = vec!["application/json"];
        if route.method == "PATCH" {
            media.push("application/merge-patch+json");
            // Nothing is required of a patch, and null takes a member away.
            schema = json!({ "type": "object", "description": format!("A merge patch (RFC 7396) of {}", object.name) });
        }
        let content: Map<String, Value> =
            media.into_iter().map(|media| (media.to_owned(), json!({ "schema": schema }))).collect();
        operation["requestBody"] = json!({ "required": !route.may_be_empty(), "content": content });
    }
    if route.path == import::PATH {
        let schema = json!({ "type": "string", "description": "A record a line, as `doorward user import` reads them" });
        let content = json!({ import::LINES[0]: { "schema": schema } });
        operation["requestBody"] = json!({ "required": true, "content": content });
    }
    operation
}

/// The errors that a route can be answered with, beside those of every one.
fn kinds(route: &Route, versioned: bool) -> Vec<Kind> {
    let mut kinds = vec![
        Kind::Malformed,
        Kind::Unauthorized,
        Kind::Forbidden,
        Kind::NotFound,
        Kind::TooMany,
        Kind::Unavailable,
    ];
    if route.method != "GET" {
        kinds.push(Kind::Conflict);
    }
    if versioned {
        kinds.push(Kind::Stale);
    }
    if route.request.is_some() || route.path == import::PATH {
        kinds.extend([Kind::MediaType, Kind::TooSlow]);
    }
    if route.method == "POST" {
        kinds.push(Kind::KeyReused);
    }
    kinds
}

/// The object that a path names, where it has versions.
fn object_of(route: &Route) -> Option<&'static Object> {
    routes().find(|other| other.path == route.path && other.method == "PUT").and_then(|other| other.request)
}

fn operation_id(route: &Route) -> String {
    let words: Vec<String> = route
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => format!("by_{name}"),
            None => part.to_owned(),
        })
        .collect();
    format!("{}_{}", route.method.to_ascii_lowercase(), words.join("_"))
}

fn reference(object: &'static Object, schemas: &mut BTreeMap<String, Value>) -> Value {
    if !schemas.contains_key(object.name) {
        schemas.insert(object.name.to_owned(), Value::Null);
        let written = schema(object, schemas);
        schemas.insert(object.name.to_owned(), written);
    }
    json!({ "$ref": format!("#/components/schemas/{}", object.name) })
}

/// An object as it is put at a path, which says its id.
fn put(object: &'static Object, schemas: &mut BTreeMap<String, Value>) -> Value {
    if !object.members.iter().any(|member| member.name == "id" && member.way == Way::Must) {
        return reference(object, schemas);
    }
    let name = format!("{}Put", object.name);
    if !schemas.contains_key(&name) {
        let mut written = schema(object, schemas);
        if let Some(required) = written["required"].as_array_mut() {
            required.retain(|member| member != "id");
        }
        written["description"] = json!(format!("{} Its id is that of the path.", object.about));
        schemas.insert(name.clone(), written);
    }
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn schema(object: &'static Object, schemas: &mut BTreeMap<String, Value>) -> Value {
    let mut properties = Map::new();
    for member in object.members {
        let mut property = of(&member.value, schemas);
        property["description"] = json!(member.about);
        match member.way {
            Way::Read => property["readOnly"] = json!(true),
            Way::Write => property["writeOnly"] = json!(true),
            Way::Both | Way::Must => {}
        }
        properties.insert(member.name.to_owned(), property);
    }
    let required: Vec<&str> =
        object.members.iter().filter(|member| member.way == Way::Must).map(|member| member.name).collect();
    let mut schema = json!({
        "type": "object",
        "description": object.about,
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn of(value: &'static Type, schemas: &mut BTreeMap<String, Value>) -> Value {
    match value {
        Type::Text(least, most) => json!({ "type": "string", "minLength": least, "maxLength": most }),
        Type::Number(least, most) => {
            let mut schema = json!({ "type": "integer" });
            if *least != i64::MIN {
                schema["minimum"] = json!(least);
            }
            if *most != i64::MAX {
                schema["maximum"] = json!(most);
            }
            schema
        }
        Type::Flag => json!({ "type": "boolean" }),
        Type::Time => json!({ "type": "string", "format": "date-time" }),
        Type::Word(words) => json!({ "type": "string", "enum": words }),
        Type::List(item, most) => json!({ "type": "array", "items": of(item, schemas), "maxItems": most }),
        Type::Map(item, most) => {
            json!({ "type": "object", "additionalProperties": of(item, schemas), "maxProperties": most })
        }
        Type::Of(object) => reference(object, schemas),
        Type::Maybe(of_it) => json!({ "anyOf": [of(of_it, schemas), { "type": "null" }] }),
        Type::Json => json!({ "type": "object" }),
    }
}

fn problem() -> Value {
    let kinds: Vec<String> =
        Kind::ALL.iter().map(|kind| format!("urn:doorward:problem:{}", kind.as_str())).collect();
    json!({
        "type": "object",
        "description": "An error (RFC 9457).",
        "required": ["type", "title", "status", "detail", "request_id"],
        "properties": {
            "type": { "type": "string", "enum": kinds },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "request_id": { "type": "string" },
            "errors": { "type": "array", "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": { "type": "string", "description": "A JSON pointer into the body." },
                    "detail": { "type": "string" },
                },
            } },
        },
    })
}

/// The lists of the manual's page: routes by area, shapes, errors.
pub fn page() -> String {
    let mut text = String::new();
    let mut shown: BTreeMap<&str, &'static Object> = BTreeMap::new();
    for area in Area::ALL {
        let mut of_area = routes().filter(|route| route.area == *area).peekable();
        if of_area.peek().is_none() {
            continue;
        }
        let _ = writeln!(text, "### {}\n\n| | | scope |\n|---|---|---|", area.as_str());
        for route in of_area {
            let scope = route.area.scope(route.access);
            let _ = writeln!(text, "| `{} {}` | {} | `{scope}` |", route.method, route.path, route.summary);
            if let Answered::One(object)
            | Answered::Made(object)
            | Answered::Put(object)
            | Answered::Page(object) = route.answer
            {
                shown.insert(object.name, object);
            }
        }
        text.push('\n');
    }
    for object in shown.into_values() {
        let _ = writeln!(text, "### {}\n\n{}\n\n| member | | |\n|---|---|---|", object.name, object.about);
        for member in object.members {
            let _ = writeln!(text, "| `{}` | {} | {} |", member.name, way(member), member.about);
        }
        text.push('\n');
    }
    text.push_str("### Errors\n\n| `type` | status | |\n|---|---|---|\n");
    for kind in Kind::ALL {
        let _ = writeln!(
            text,
            "| `urn:doorward:problem:{}` | {} | {} |",
            kind.as_str(),
            kind.status(),
            kind.title()
        );
    }
    text
}

fn way(member: &Member) -> &'static str {
    match member.way {
        Way::Both => "",
        Way::Must => "required",
        Way::Read => "only read",
        Way::Write => "only written",
    }
}
