//! What `dev` prints: addresses, names and passwords, and lines that work when pasted.

use std::fmt::Write;

use super::Place;
use super::seed::{API, PASSWORD, PEOPLE, secret_of};
use super::sequence;
use super::sequence::script::{self, quoted};
use crate::report::style;

/// The whole text.
pub fn text(place: &Place, is_new: bool) -> String {
    let mut text = String::new();
    let head = |text: &mut String, line: &str| {
        let _ = writeln!(text, "\n{}", style::strong(line));
    };
    head(&mut text, "Doorward is ready.");
    let mut row = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<17} {value}");
    };
    row("Demo application", &style::good(&format!("{}/", place.demo)));
    row("Issuer", &place.issuer);
    row("Second tenant", &format!("{}/t/acme", place.issuer));
    for (name, path) in CONTRACTS {
        row(name, &format!("{}{path}", place.issuer));
    }
    row("Extension", &format!("{}/account/extensions; sign in as alice", place.issuer));
    row("Account page", &format!("{}/account", place.issuer));
    row("Mails", &format!("{}/mails", place.demo));
    row("Administration", &format!("{0}/console; {0}/t/acme/console", place.issuer));
    if let Some(ops) = place.ops {
        row("Operations", &format!("http://{ops}/readyz, /metrics"));
    }
    let state = if is_new { "made just now" } else { "kept from last time; --fresh starts over" };
    row("Data", &format!("{} ({state})", place.data.display()));
    if let Some(authority) = &place.authority {
        row("Certificate", &format!("{} is the authority to trust", authority.display()));
    }
    head(&mut text, "People");
    for (name, called) in PEOPLE {
        let _ = writeln!(text, "  {name:<17} {called}");
    }
    let _ = writeln!(text, "  {:<17} Amy Acker, who administers the second tenant", "amy");
    let _ = writeln!(text, "  Everybody's password is {}", style::strong(PASSWORD));
    head(&mut text, "Clients");
    for (id, what) in CLIENTS {
        let _ = writeln!(text, "  {id:<17} {what}");
    }
    let _ = writeln!(
        text,
        "  {}",
        style::quiet(
            "Secrets are dev-secret-of-CLIENT-0123456789abcdefghijklmnopqrstuv. Everything else is shown by:"
        )
    );
    let _ = writeln!(text, "  {}", style::quiet(&format!("doorward export --data {}", place.data.display())));
    for (what, line) in lines(place) {
        head(&mut text, what);
        let _ = writeln!(text, "{line}");
    }
    head(
        &mut text,
        "Step by step, what clients send by each contract; on pages too, at the demo application",
    );
    for sequence in sequence::ALL {
        let _ = writeln!(text, "{}", script::command(place, sequence));
    }
    text.push_str("\nCtrl-C stops the server.\n\n");
    text
}

/// What each line does, and the line.
pub fn lines(place: &Place) -> Vec<(&'static str, String)> {
    let issuer = &place.issuer;
    let curl = match &place.authority {
        Some(authority) => format!("curl -sS --cacert {}", quoted(&authority.display().to_string())),
        None => "curl -sS".to_owned(),
    };
    let machine = format!("-u demo-machine:{}", secret_of("demo-machine"));
    let api = format!("-u demo-api:{}", secret_of("demo-api"));
    let token = format!("{curl} {machine} -d grant_type=client_credentials -d resource={API} {issuer}/token");
    vec![
        ("What the server offers (discovery)", format!("{curl} {issuer}/.well-known/openid-configuration")),
        ("Its public keys", format!("{curl} {issuer}/jwks")),
        ("A token for a machine", token.clone()),
        (
            "What the server says about that token",
            format!(
                "{curl} {api} -d \"token=$({token} | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')\" {issuer}/introspect"
            ),
        ),
    ]
}

/// The contracts of other systems, and where they are spoken.
const CONTRACTS: [(&str, &str); 5] = [
    ("mittwald", "/mittwald"),
    ("Mia-Platform", "/mia-platform"),
    ("Smartenit", "/smartenit"),
    ("Magic", "/magic"),
    ("eZ Publish", "/ez-publish"),
];

const CLIENTS: [(&str, &str); 14] = [
    ("demo-web", "a web application with a secret; the demo application uses it"),
    ("demo-spa", "an application in the browser, public"),
    ("demo-native", "an application on a device, public"),
    ("demo-machine", "a machine: client credentials"),
    ("demo-api", "the API's own: may introspect tokens"),
    ("demo-extension", "an extension, installed in the project Harbour of alice and bob"),
    ("demo-smartenit", "an older application, with all that only Smartenit's contract has"),
    ("demo-platform", "the platform's own backend: the admin API"),
    ("demo-first", "of our own: no consent page"),
    ("demo-studio", "a studio in which extensions are opened, by mittwald's contract"),
    ("demo-backups", "an extension, by mittwald's contract"),
    ("demo-inventory", "an extension, by Mia-Platform's contract"),
    ("demo-magic", "a modelling client, by Magic Collaboration Studio's contract"),
    ("demo-ez-publish", "a reader, by eZ Publish's contract"),
];
