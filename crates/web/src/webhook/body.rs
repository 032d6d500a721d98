//! What is told: the body of one attempt, and the address that it goes to.

use doorward_core::Timestamp;
use doorward_core::desired::date;
use doorward_core::installation::template;
use doorward_core::model::{Extension, Installation, WebhookKind};
use serde_json::{Map, Value, json};

use super::format::Format;

/// One attempt to tell of something.
#[derive(Debug)]
pub struct Letter<'a> {
    /// What happened.
    pub kind: WebhookKind,
    /// The installation as it was after that.
    pub installation: &'a Installation,
    /// The extension as it is now.
    pub extension: &'a Extension,
    /// The number of the event.
    pub number: i64,
    /// When it happened.
    pub happened_at: Timestamp,
    /// The secret that comes with it.
    pub secret: Secret<'a>,
    /// The id of the request.
    pub request_id: &'a str,
    /// When the request is made.
    pub now: Timestamp,
    /// Who asks, where nothing has happened: the extension is only asked what it would answer.
    pub dry_run_by: Option<&'a str>,
}

/// The secret that comes with what is told.
#[derive(Clone, Copy)]
pub enum Secret<'a> {
    /// This kind brings none.
    None,
    /// It was delivered, shown or retired before, and nobody has it in the clear any more.
    Delivered,
    /// This one.
    New(&'a str),
}

impl std::fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Delivered => "Delivered",
            Self::New(_) => "New([secret])",
        })
    }
}

impl Letter<'_> {
    /// Where it goes; none: the extension has no address for it.
    pub fn url(&self) -> Option<String> {
        let template = self.extension.manifest.webhook_url.as_deref()?;
        let format = Format::of(self.extension);
        let written = (format.name)(self.installation.id.as_str());
        let mut url =
            template::fill(template, &template::values(&written, self.installation, self.extension));
        if let Some(by) = self.dry_run_by {
            let query = (format.dry_run)(by);
            let (before, fragment) =
                url.split_once('#').map_or((url.as_str(), ""), |(before, after)| (before, after));
            let joint = if before.contains('?') { '&' } else { '?' };
            url = format!("{before}{joint}{query}{}", if fragment.is_empty() { "" } else { "#" });
        }
        Some(url)
    }

    /// The body for a request to `url`: the bytes that are signed are those that are sent.
    pub fn body(&self, url: &str) -> String {
        Value::Object((Format::of(self.extension).body)(self, url)).to_string()
    }
}

/// The members of our format.
pub(super) fn standard(letter: &Letter<'_>, url: &str) -> Map<String, Value> {
    let mut body = state(letter.installation, letter.extension);
    let mut add = |name: &str, value: Value| body.insert(name.to_owned(), value);
    add("kind", json!(letter.kind.as_str()));
    add("number", json!(letter.number));
    add("happened_at", json!(date::write(letter.happened_at)));
    add(
        "request",
        json!({
            "id": letter.request_id,
            "created_at": date::write(letter.now),
            "target": { "method": "POST", "url": url },
        }),
    );
    match letter.secret {
        Secret::None => None,
        Secret::Delivered => add("secret_already_delivered", json!(true)),
        Secret::New(secret) => add("secret", json!(secret)),
    };
    if letter.dry_run_by.is_some() {
        add("dry_run", json!(true));
    }
    body
}

/// The full state of an installation, as its extension is told it.
pub fn state(installation: &Installation, extension: &Extension) -> Map<String, Value> {
    let (kind, id) = installation.context_id.as_str().split_once('/').unwrap_or_default();
    let maker = match &extension.contributor {
        Some(maker) => maker.to_string(),
        None => format!("tenant/{}", extension.tenant),
    };
    let members = json!({
        "installation": installation.id,
        "context": { "id": id, "kind": kind },
        "extension": installation.extension_id,
        "contributor": maker,
        "tenant": installation.tenant,
        "state": installation.life.as_str(),
        "scopes": installation.scopes.iter().collect::<Vec<_>>(),
        "variant": installation.variant,
        "settings": installation.settings,
        "manifest_version": installation.manifest_version,
    });
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
