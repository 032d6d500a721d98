//! `import magic`: another system's settings, applied, and its requests answered.

use std::io::{Read, Write};
use std::net::TcpStream;

use doorward_tests::base64;
use serde_json::Value;

use crate::support::{Folder, Ran, mode};

const SECRET: &str = "every client of this server shows it";
const CALLBACK: &str = "https%3A%2F%2Ftwc.example%2Fcb";

/// Their file, with what differs between the tests.
fn file(more: &str) -> String {
    format!(
        "# The settings of the authentication server\n\
         server.port=8555\n\
         authentication.client.ids=MAGICDRAW,\\\n    webApplicationPlatform,twcSynchronizationManager,not an id\n\
         authentication.redirect.uri.whitelist = https://twc.example/cb,https://twc.example,https://*.example/,https://twc.example/*,http://twc.example/\n\
         authentication.token.expirity: 604800\n\
         authentication.code.token.expirity=60\n\
         authentication.refresh.token.expirity=1209600\n\
         authentication.client.unlimited=twcSynchronizationManager,gone\n\
         authentication.unlimited.token.expirity=630720000\n\
         authentication.client.implicit=MAGICDRAW\n\
         authentication.implicit.token.expirity=86400\n\
         authentication.ldap.password=of nobody here\n\
         {more}\n"
    )
}

fn with_secret(secret: &str) -> String {
    file(&format!("authentication.client.secret={secret}"))
}

fn import(folder: &Folder, url: &str, more: &[&str]) -> Ran {
    let mut all =
        vec!["import", "magic", "authserver.properties", "--url", url, "--api", "https://twc.example"];
    all.extend(more);
    folder.run(&all)
}

fn ask(address: &str, method: &str, target: &str, headers: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nhost: localhost:8080\r\n{headers}content-length: 0\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn by_password(address: &str, client: &str, secret: &str) -> String {
    let person = base64(b"ada:a passphrase of hers");
    let headers = format!("authorization: Basic {person}\r\nx-auth-secret: {secret}\r\n");
    let target = format!("/authentication/api/token?grant_type=client_credentials&client_id={client}");
    ask(address, "POST", &target, &headers)
}

fn begin(address: &str, redirect_uri: &str) -> String {
    let target = format!(
        "/authentication/authorize?scope=openid&redirect_uri={redirect_uri}&client_id=MAGICDRAW&response_type=code"
    );
    ask(address, "GET", &target, "")
}

#[test]
fn mcs_13_what_is_imported_and_applied_answers_their_requests() {
    let folder = Folder::new();
    let url = "http://localhost:8080/authentication";
    folder.write("authserver.properties", &with_secret(SECRET));
    let ran = import(&folder, url, &["--output", "magic.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    assert_eq!(mode(&folder.path("magic.yaml")), 0o600);
    assert!(!folder.read("magic.yaml").contains(SECRET) && !ran.err.contains(SECRET), "{ran:?}");
    assert_eq!(import(&folder, url, &[]).out, folder.read("magic.yaml"));

    folder.ok(&["apply", "-f", "magic.yaml"]);
    let ada =
        "tenants:\n  - id: main\n    users:\n      - { user_name: ada, password: a passphrase of hers }\n";
    folder.write("ada.yaml", ada);
    folder.ok(&["apply", "-f", "ada.yaml"]);
    assert!(folder.ok(&["apply", "-f", "magic.yaml"]).contains("Nothing to do:"));

    let server = folder.serve(&[]);
    let answer = by_password(&server.address, "webApplicationPlatform", SECRET);
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"id_token\""), "{answer}");
    for (client, secret, error) in
        [("webApplicationPlatform", "CHANGE_ME", "invalid_client"), ("gone", SECRET, "unauthorized_client")]
    {
        let answer = by_password(&server.address, client, secret);
        assert!(answer.contains(error) && !answer.contains("id_token"), "{client}: {answer}");
    }
    let sign_in = begin(&server.address, CALLBACK);
    assert!(sign_in.starts_with("HTTP/1.1 200 ") && sign_in.contains("password"), "{sign_in}");
    // One of the file stood for what is below it, perhaps: nobody said so.
    for elsewhere in ["https%3A%2F%2Ftwc.example%2Fcb%2Fbelow", "https%3A%2F%2Fevil.example%2Fcb"] {
        let refused = begin(&server.address, elsewhere);
        assert!(refused.starts_with("HTTP/1.1 400 "), "{elsewhere}: {refused}");
    }
}

#[test]
fn mcs_13_each_key_is_told_of() {
    let folder = Folder::new();
    folder.write("authserver.properties", &with_secret(SECRET));
    let ran = import(&folder, "https://id.example.com/authentication", &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let (taken, rest) = ran.err.split_once("Not taken:\n").unwrap();
    let (left, decide) = rest.split_once("To be decided:\n").unwrap();
    let named = |text: &str, key: &str, what: &str| {
        let line = text.lines().find(|line| line.contains(key) && line.contains(what));
        assert!(line.is_some(), "{key}: {what}: {}", ran.err);
    };
    named(taken, "client.ids", "clients MAGICDRAW, webApplicationPlatform, twcSynchronizationManager");
    named(taken, "redirect.uri.whitelist", "https://twc.example/cb");
    named(taken, "client.secret", "as its hash");
    named(taken, "authentication.token.expirity", "604800 seconds");
    named(taken, "code.token.expirity", "15 seconds, the nearest to 60");
    named(taken, "refresh.token.expirity", "1209600 seconds");
    named(taken, "unlimited.token.expirity", "316224000 seconds, the nearest to 630720000");
    named(taken, "client.unlimited", "lifetimes of twcSynchronizationManager");
    named(taken, "client.implicit", "MAGICDRAW");
    named(left, "client.ids", "not an id: ");
    named(left, "redirect.uri.whitelist", "https://*.example/: ");
    named(left, "redirect.uri.whitelist", "https://twc.example/*: ");
    named(left, "redirect.uri.whitelist", "http://twc.example/: ");
    assert!(!ran.out.contains('*'), "{}", ran.out);
    named(left, "client.unlimited", "gone ");
    named(left, "implicit.token.expirity", "equally long");
    named(left, "server.port", "listen");
    named(left, "authentication.ldap.password", "not known here");
    assert!(!ran.err.contains("of nobody here"), "{}", ran.err);
    named(decide, "password", "take away");
    named(decide, "prefix_redirects", "");
    assert!(!decide.contains("shared secret"), "{decide}");

    let state: Value = serde_yaml_ng::from_str(&ran.out).unwrap();
    let clients = state["tenants"][0]["clients"].as_array().unwrap();
    let of = |id: &str| clients.iter().find(|client| client["id"] == id).unwrap();
    let lives =
        |id: &str| ["id_token_s", "code_s", "refresh_idle_s"].map(|name| of(id)["lifetimes"][name].clone());
    assert_eq!(lives("MAGICDRAW"), [604_800, 15, 1_209_600]);
    assert_eq!(lives("twcSynchronizationManager"), [316_224_000, 15, 316_224_000]);
    let has =
        |id: &str, grant: &str| of(id)["grant_types"].as_array().unwrap().iter().any(|known| known == grant);
    assert!(has("MAGICDRAW", "implicit") && !has("webApplicationPlatform", "implicit"));
    assert!(clients.iter().all(|client| client.get("legacy").is_none()), "no switch is set unasked");
}

/// What has a query is the beginning of nothing here: it is told of, and with the switch the state is not taken.
#[test]
fn an_address_with_a_query_stands_for_itself_alone() {
    let folder = Folder::new();
    let listed = with_secret(SECRET)
        .replace("https://twc.example/cb,", "https://twc.example/cb,https://twc.example/q?a=b,");
    folder.write("authserver.properties", &listed);
    let ran = import(&folder, "http://localhost:8080/authentication", &["--output", "magic.yaml"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let (_, decide) = ran.err.split_once("To be decided:\n").unwrap();
    assert!(decide.contains("https://twc.example/q?a=b cannot be the beginning of others"), "{decide}");
    assert!(!decide.contains("https://twc.example/cb cannot"), "{decide}");
    folder.ok(&["apply", "-f", "magic.yaml"]);
    let mut state: Value = serde_yaml_ng::from_str(&folder.read("magic.yaml")).unwrap();
    state["tenants"][0]["clients"][0]["legacy"] = serde_json::json!(["prefix_redirects"]);
    folder.write("wider.json", &state.to_string());
    let refused = folder.run(&["apply", "-f", "wider.json"]);
    assert_eq!(refused.code, 65, "{refused:?}");
    assert!(refused.err.contains("redirect_uris[1]: stands for what is below it"), "{refused:?}");
}

#[test]
fn a_lifetime_that_is_none_is_not_taken() {
    let folder = Folder::new();
    for none in ["-1", "0", "soon"] {
        let more = with_secret(SECRET)
            .replace("expirity: 604800", &format!("expirity: {none}"))
            .replace("refresh.token.expirity=1209600", &format!("refresh.token.expirity={none}"));
        folder.write("authserver.properties", &more);
        let ran = import(&folder, "https://id.example.com/authentication", &[]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let (taken, left) = ran.err.split_once("Not taken:\n").unwrap();
        for key in ["authentication.token.expirity", "authentication.refresh.token.expirity"] {
            assert!(!taken.contains(key) && left.contains(key), "{none}: {key}: {}", ran.err);
        }
        let state: Value = serde_yaml_ng::from_str(&ran.out).unwrap();
        // What is usual.
        let lives = &state["tenants"][0]["clients"][0]["lifetimes"];
        assert_eq!(
            (&lives["id_token_s"], &lives["refresh_idle_s"]),
            (&Value::from(900), &Value::from(30 * 86_400)),
            "{none}"
        );
    }
}

/// Earlier versions wrote `.expirity`, later ones `.ttl`; where a file has both, nobody knows which of them was heard.
#[test]
fn of_two_names_of_a_lifetime_the_shorter_counts_and_the_other_is_told_of() {
    let folder = Folder::new();
    for (expirity, ttl, lives, left) in [
        (
            "604800",
            "900",
            900,
            ("expirity", "it says 604800 seconds where authentication.token.ttl says 900"),
        ),
        ("600", "900", 600, ("ttl", "it says 900 seconds where authentication.token.expirity says 600")),
        ("900", "900", 900, ("ttl", "it says 900 seconds where authentication.token.expirity says 900")),
        ("soon", "600", 600, ("expirity", "no number of seconds")),
        ("600", "0", 600, ("ttl", "0 seconds are no lifetime")),
        ("-1", "soon", 900, ("ttl", "no number of seconds")),
    ] {
        let both = format!("expirity: {expirity}\nauthentication.token.ttl: {ttl}");
        folder.write("authserver.properties", &with_secret(SECRET).replace("expirity: 604800", &both));
        let ran = import(&folder, "https://id.example.com/authentication", &[]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let state: Value = serde_yaml_ng::from_str(&ran.out).unwrap();
        assert_eq!(state["tenants"][0]["clients"][0]["lifetimes"]["id_token_s"], lives, "{both}");
        let (taken, rest) = ran.err.split_once("Not taken:\n").unwrap();
        let of = |text: &str, name: &str| -> Vec<String> {
            let key = format!("authentication.token.{name}:");
            text.lines().filter(|line| line.trim_start().starts_with(&key)).map(str::to_owned).collect()
        };
        for name in ["expirity", "ttl"] {
            assert_eq!(of(&ran.err, name).len(), 1, "{both}: {name} is told of once: {}", ran.err);
        }
        assert!(of(rest, left.0).first().is_some_and(|line| line.contains(left.1)), "{both}: {}", ran.err);
        assert!(of(taken, left.0).is_empty(), "{both}: {}", ran.err);
    }
}

#[test]
fn mcs_13_a_secret_that_is_none_is_not_written() {
    for (secret, why) in
        [("CHANGE_ME", "left at its default"), ("short", "fewer than 32"), ("", "fewer than 32")]
    {
        let folder = Folder::new();
        folder.write("authserver.properties", &with_secret(secret));
        let ran = import(&folder, "https://id.example.com/authentication", &[]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(!ran.out.contains("shared_secret"), "{}", ran.out);
        assert!(ran.err.contains(why) && ran.err.contains("No shared secret was written"), "{}", ran.err);
        assert!(secret.is_empty() || secret == "short" || !ran.err.contains(secret), "{}", ran.err);
    }
}

#[test]
fn what_cannot_be_read_or_be_is_told_and_nothing_is_written() {
    let folder = Folder::new();
    let url = "https://id.example.com/authentication";
    assert_eq!(import(&folder, url, &[]).code, 66);
    folder.write("authserver.properties", "a=b\nauthentication.client.ids=\\u12\n");
    let ran = import(&folder, url, &["--output", "magic.yaml"]);
    assert_eq!(ran.code, 65, "{ran:?}");
    assert!(ran.err.contains("authserver.properties: line 2: "), "{ran:?}");
    folder.write("authserver.properties", &with_secret(SECRET));
    let ran = import(&folder, "http://id.example.com/", &["--output", "magic.yaml"]);
    assert_eq!(ran.code, 65, "{ran:?}");
    assert!(!folder.path("magic.yaml").exists());
    // Another file is not theirs.
    folder.write("authserver.properties", "server.port=8555\nclients=a\n");
    let ran = import(&folder, url, &["--output", "magic.yaml"]);
    assert_eq!(ran.code, 65, "{ran:?}");
    assert!(ran.err.contains("it is no authserver.properties"), "{ran:?}");
    assert!(!folder.path("magic.yaml").exists());
    // What would do something to a terminal is written out.
    folder.write("authserver.properties", "authentication.client.ids=a\nodd\\u001b]0;title=x\n");
    let ran = import(&folder, url, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("odd\\u{1b}]0;title") && !ran.err.contains('\u{1b}'), "{}", ran.err);
    // A file that says nothing of clients is no reason to fail.
    let empty = folder.run_with(&["import", "magic", "-", "--url", url], &[], "");
    assert_eq!(empty.code, 0, "{empty:?}");
    assert!(empty.err.contains("no client was written"), "{empty:?}");
}
