//! Why a token or a request may not do something, for people.

use std::fmt::Write;

use serde_json::Value;

use super::style;

/// The answer of `explain`.
pub fn text(explained: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut text = format!("client {}", style::strong(&word(&explained["client"])));
    match explained["user"].as_str() {
        Some(user) => {
            let _ = write!(text, ", for {user}");
        }
        None => text.push_str(", for itself"),
    }
    if let Some(installation) = explained["installation"].as_str() {
        let _ = write!(text, ", by {installation} in {}", word(&explained["context"]));
    }
    text.push('\n');
    if explained["alive"] == false {
        let reason = &explained["reason"];
        let _ = writeln!(text, "Nothing is issued: {} ({})", word(&reason["detail"]), word(&reason["name"]));
        people(&mut text, "  ", &reason["who"]);
    }
    for line in explained["scopes"].as_array().into_iter().flatten() {
        let mark = if line["granted"] == true { "+" } else { "-" };
        let _ = writeln!(text, "{mark} {}", word(&line["scope"]));
        for clause in line["removed_by"].as_array().into_iter().flatten() {
            let _ = writeln!(text, "    {}: {}", word(&clause["clause"]), word(&clause["detail"]));
            let roles: Vec<String> =
                clause["roles_that_give_it"].as_array().into_iter().flatten().map(word).collect();
            if !roles.is_empty() {
                let _ = writeln!(text, "      roles that give it: {}", roles.join(", "));
            }
            people(&mut text, "      ", &clause["who"]);
        }
    }
    text
}

/// Who could change it.
fn people(text: &mut String, indent: &str, who: &Value) {
    let named: Vec<String> = who
        .as_array()
        .into_iter()
        .flatten()
        .map(|person| {
            let name = person["user_name"].as_str().or(person["user"].as_str()).unwrap_or_default();
            match (person["role"].as_str(), person["context"].as_str()) {
                (Some(role), Some(context)) => format!("{name} ({role} in {context})"),
                (Some(role), None) => format!("{name} ({role})"),
                (None, _) => name.to_owned(),
            }
        })
        .collect();
    let said = if named.is_empty() { "nobody yet; an operator".to_owned() } else { named.join(", ") };
    let _ = writeln!(text, "{indent}who could change it: {said}");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn each_scope_has_a_line_and_each_clause_who_could_change_it() {
        let explained = json!({
            "client": "invoices", "user": "usr_1", "installation": "ins_1", "context": "project/p-1", "alive": true,
            "scope": "openid", "scopes": [
                { "scope": "openid", "granted": true, "removed_by": [] },
                { "scope": "orders:write", "granted": false, "removed_by": [{
                    "clause": "person", "detail": "the person does not hold orders:write there",
                    "roles_that_give_it": ["clerk"],
                    "who": [{ "user": "usr_2", "user_name": "kim", "role": "keeper", "context": "project/p-1" }],
                }, { "clause": "api", "detail": "no API", "who": [] }] },
            ],
        });
        let text = super::text(&explained);
        for line in [
            ", for usr_1, by ins_1 in project/p-1\n",
            "\n+ openid\n- orders:write\n",
            "    person: the person does not hold orders:write there\n      roles that give it: clerk\n",
            "      who could change it: kim (keeper in project/p-1)\n",
            "      who could change it: nobody yet; an operator\n",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        let dead = json!({
            "client": "c", "alive": false, "scope": "", "scopes": [],
            "reason": { "name": "client.disabled", "detail": "it is off", "who": [] },
        });
        assert!(
            super::text(&dead).contains(", for itself\nNothing is issued: it is off (client.disabled)\n")
        );
    }
}
