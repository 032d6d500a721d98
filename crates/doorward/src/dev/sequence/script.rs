//! A sequence as one script for a POSIX shell, with curl and nothing else.

use std::fmt::Write;
use std::path::Path;

use doorward_web::page::Texts;

use super::{Act, Ask, Body, Sequence, Take, Values, Visit, filled};
use crate::dev::Place;

/// The whole script; `authority` is the certificate to trust.
pub fn text(sequence: &Sequence, values: &Values, authority: Option<&Path>) -> String {
    let mut script = Script { values, text: String::new() };
    let trusted = authority.map(|path| format!(" --cacert {}", quoted(&path.display().to_string())));
    let head = HEAD
        .replace("@called@", sequence.called)
        .replace("@trust@", &trusted.unwrap_or_default())
        .replace("@server@", &script.word("{server}"))
        .replace("@callback@", &script.word("{callback}"))
        .replace("@password@", &script.word("{password}"));
    script.text.push_str(&head);
    for step in sequence.steps {
        let _ = writeln!(script.text, "\nsay {}", quoted(&Texts::for_locale("en").say(step.title)));
        match step.act {
            Act::Visit(visit) => script.visit(&visit),
            Act::Ask(ask) => script.ask(&ask),
        }
    }
    script.text.push_str("\nsay 'Done.'\n");
    script.text
}

/// What stands in the place of a script that cannot be made.
pub fn failing(why: &str) -> String {
    format!("echo {} >&2\nexit 1\n", quoted(why))
}

/// The line that fetches the script and runs it.
pub fn command(place: &Place, sequence: &Sequence) -> String {
    let trust =
        place.authority.as_ref().map(|path| format!(" --cacert {}", quoted(&path.display().to_string())));
    format!("curl -sS{} {}/systems/{}.sh | sh", trust.unwrap_or_default(), place.demo, sequence.name)
}

struct Script<'a> {
    values: &'a Values,
    text: String,
}

impl Script<'_> {
    fn visit(&mut self, visit: &Visit) {
        let Take { value, member, .. } = visit.brings;
        let mut line = format!("visit {member} {}", self.word(&format!("{{issuer}}{}", visit.path)));
        for (name, value) in visit.query {
            let pair = self.word(&format!("{name}={value}"));
            let _ = write!(line, " \\\n    --data-urlencode {pair}");
        }
        let _ = writeln!(self.text, "{line}\n{value}=$(parameter {member})");
    }

    fn ask(&mut self, ask: &Ask) {
        let url = self.word(&format!("{}{}", ask.at.base(), ask.path));
        let mut line = format!("ask {} {} {url}", ask.expects, ask.method);
        let mut option = |option: String| {
            let _ = write!(line, " \\\n    {option}");
        };
        if let Some((name, secret)) = ask.basic {
            option(format!("--user {}", self.word(&format!("{name}:{secret}"))));
        }
        for (name, value) in ask.headers {
            option(format!("--header {}", self.word(&format!("{name}: {value}"))));
        }
        let mut document = String::new();
        match ask.body {
            Body::None => {}
            Body::Form(form) => {
                for (name, value) in form {
                    option(format!("--data-urlencode {}", self.word(&format!("{name}={value}"))));
                }
            }
            Body::Json(json) => {
                option("--header 'content-type: application/json' --data @- <<JSON".to_owned());
                document = format!("{}\nJSON\n", self.with_variables(json, &['\\', '$', '`']));
            }
        }
        let _ = write!(self.text, "{line}\n{document}");
        for take in ask.takes {
            let beside = take.beside.map(|(name, value)| format!(" '\"{name}\":\"{value}\"'"));
            let _ =
                writeln!(self.text, "{}=$(member {}{})", take.value, take.member, beside.unwrap_or_default());
        }
    }

    /// One word of the shell, in which what an answer has brought is a variable.
    fn word(&self, text: &str) -> String {
        format!("\"{}\"", self.with_variables(text, &['\\', '$', '`', '"']))
    }

    fn with_variables(&self, text: &str, special: &[char]) -> String {
        let escaped = |text: &str| {
            let mut safe = String::with_capacity(text.len());
            for c in text.chars() {
                if special.contains(&c) {
                    safe.push('\\');
                }
                safe.push(c);
            }
            safe
        };
        filled(&escaped(text), &|name| {
            Some(self.values.get(name).map_or_else(|| format!("${name}"), |value| escaped(value)))
        })
    }
}

/// As one word of a shell, with no variable in it.
pub fn quoted(text: &str) -> String {
    let is_plain =
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// What stands before the steps.
const HEAD: &str = r#"#!/bin/sh
# @called@: what its clients send, one step after the other. It plays the browser too, as alice. Made for the server of
# `doorward dev` that wrote it; it stops at an answer that is not the expected one.
set -eu
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT

say() { printf '\n# %s\n' "$1"; }
send() { curl -sS@trust@ "$@"; }
browse() {
    send --cookie "$home/cookies" --cookie-jar "$home/cookies" --output "$home/page" --write-out '%{redirect_url}' "$@"
}

# ask STATUS METHOD URL OPTION...: sends a request, and stops unless it is answered with that status.
ask() {
    expected=$1 method=$2 url=$3
    shift 3
    status=$(send --request "$method" "$url" --output "$home/answer" --write-out '%{http_code}' "$@")
    printf '%s %s\n%s %s\n' "$method" "$url" "$status" "$(cat "$home/answer")"
    [ "$status" = "$expected" ] || { echo "expected $expected" >&2; exit 1; }
}

# member NAME [TEXT]: a text of the last answer, which is JSON; of the object in which TEXT stands too.
member() { tr '{' '\n' <"$home/answer" | grep -F -e "${2-}" | tr ',' '\n' | sed -n "s/^ *\"$1\" *: *\"\([^\"]*\)\".*/\1/p" | head -n 1; }

# visit PARAMETER URL OPTION...: as a browser does. The person signs in and allows what is asked, until the application has them back
# with that parameter. Behind `#` no browser sends it to a server: a script of the application's page would read it there.
visit() {
    parameter=$1
    shift
    printf 'GET %s\n' "$1"
    location=$(browse --get "$@")
    for turn in 1 2 3 4 5 6 7 8; do
        case $location in
        @callback@*) break ;;
        '') if grep -q 'name="password"' "$home/page"; then
            press sign-in --data username=alice --data-urlencode password=@password@
        else
            press allow
        fi ;;
        *) location=$(browse "$location") ;;
        esac
    done
    printf '%s\n' "$location"
    [ -n "$(parameter "$parameter")" ] || { echo "no $parameter came back" >&2; exit 1; }
}
press() {
    action=$1
    shift
    location=$(browse @server@"$(sed -n 's/.*method="post" action="\([^"]*\)".*/\1/p' "$home/page" | head -n 1)" \
        --data-urlencode "request=$(field request)" --data-urlencode "form=$(field form)" --data "action=$action" "$@")
}
field() { sed -n "s/.*name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" "$home/page" | head -n 1; }
parameter() { printf '%s' "$location" | sed -n "s/.*[?&#]$1=\([^&]*\).*/\1/p"; }
"#;

#[cfg(test)]
mod tests {
    use super::super::{ALL, values};
    use super::*;
    #[test]
    fn what_is_known_is_written_out_and_what_an_answer_brings_is_a_variable() {
        let values: Values = [("issuer", "https://id.example"), ("p", "a\"$b`\\")]
            .map(|(name, value)| (name.into(), value.into()))
            .into();
        let script = Script { values: &values, text: String::new() };
        assert_eq!(script.word("{issuer}/x?{code}"), r#""https://id.example/x?$code""#);
        assert_eq!(script.word("{p}"), r#""a\"\$b\`\\""#);
        assert_eq!(script.with_variables(r#"{"a":"{code}"}"#, &['\\', '$', '`']), r#"{"a":"$code"}"#);
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn every_script_is_one_that_a_shell_reads() {
        let place = Place {
            issuer: "http://localhost:1".to_owned(),
            demo: "http://localhost:2".to_owned(),
            data: "data".into(),
            ops: None,
            authority: None,
        };
        for sequence in ALL {
            let script = text(sequence, &values(&place, sequence, "ins_1"), Some(Path::new("/a b/ca.pem")));
            for blank in ["@called@", "@trust@", "@server@", "@callback@", "@password@"] {
                assert!(!script.contains(blank), "{script}");
            }
            let read = std::process::Command::new("sh").args(["-n", "-c", &script]).status().unwrap();
            assert!(read.success(), "{script}");
        }
    }
}
