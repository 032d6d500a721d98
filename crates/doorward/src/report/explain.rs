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
        people(&mut text, "  ", reason);
    }
    let places: Vec<&Value> = explained["installations"].as_array().into_iter().flatten().collect();
    if !places.is_empty() {
        text.push_str("It is installed in several places that the person belongs to; name one of them:\n");
    }
    for place in places {
        let _ = writeln!(
            text,
            "  {} in {} ({})",
            word(&place["id"]),
            word(&place["context"]),
            word(&place["name"])
        );
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
            people(&mut text, "      ", clause);
        }
    }
    text
}

/// Who could change it.
fn people(text: &mut String, indent: &str, told: &Value) {
    let mut named: Vec<String> = told["who"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|person| {
            let word = |member: &str| person[member].as_str();
            let role = match (word("role"), word("context"), word("tenant")) {
                (Some(role), Some(context), _) => Some(format!("{role} in {context}")),
                (Some(role), None, Some(tenant)) => Some(format!("{role}, of tenant {tenant}")),
                (role, ..) => role.map(str::to_owned),
            };
            match (word("user_name").or(word("user")), role) {
                (Some(name), Some(role)) => format!("{name} ({role})"),
                (Some(name), None) => name.to_owned(),
                (None, role) => role.unwrap_or_default(),
            }
        })
        .collect();
    if told["more"] == true {
        named.push("and others".to_owned());
    }
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
                }, { "clause": "api", "detail": "no API", "who": [] }, { "clause": "client", "detail": "no client",
                    "who": [
                        { "user": "usr_3", "user_name": "root", "role": "boss", "tenant": "main" }, { "role": "boss" },
                    ],
                    "more": true,
                }] },
            ],
        });
        let text = super::text(&explained);
        for line in [
            ", for usr_1, by ins_1 in project/p-1\n",
            "\n+ openid\n- orders:write\n",
            "    person: the person does not hold orders:write there\n      roles that give it: clerk\n",
            "      who could change it: kim (keeper in project/p-1)\n",
            "      who could change it: nobody yet; an operator\n",
            "      who could change it: root (boss, of tenant main), boss, and others\n",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        let several = json!({
            "client": "c", "user": "usr_1", "alive": true, "scope": "", "scopes": [],
            "installations": [{ "id": "ins_1", "context": "project/p-1", "name": "Shop" }],
        });
        assert!(super::text(&several).ends_with("name one of them:\n  ins_1 in project/p-1 (Shop)\n"));
        let dead = json!({
            "client": "c", "alive": false, "scope": "", "scopes": [],
            "reason": { "name": "client.disabled", "detail": "it is off", "who": [] },
        });
        assert!(
            super::text(&dead).contains(", for itself\nNothing is issued: it is off (client.disabled)\n")
        );
    }
}
