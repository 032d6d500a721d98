//! Merge patches (RFC 7396) on objects as a document has them.

use doorward_core::desired::Kind;
use serde_json::{Map, Value, json};

/// The object with a change.
pub fn changed(kind: Kind, before: &Value, change: &Value) -> Value {
    let mut wanted = before.clone();
    let says = |member: &str| change.get(member).is_some_and(|value| !value.is_null());
    if let Some(members) = wanted.as_object_mut() {
        if says("password") {
            members.remove("password_hash");
        }
        // One is made when there is none; those that there are stay.
        if says("secret") {
            members.remove("secrets");
        }
        if says("shared_secret") {
            members.remove("shared_secret");
        }
    }
    merge(&mut wanted, change);
    restore(kind, &mut wanted, change);
    wanted
}

/// RFC 7396, section 2.
fn merge(target: &mut Value, change: &Value) {
    let Value::Object(change) = change else {
        *target = change.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(members) = target.as_object_mut() else { return };
    for (name, value) in change {
        if value.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// In a document what is absent may stay as it is. What a patch takes away is as it was at first: a switch is off, a list of roles is
/// empty, settings are the usual ones, and a name is the id.
fn restore(kind: Kind, target: &mut Value, change: &Value) {
    let gone = |member: &str| change.get(member).is_some_and(Value::is_null);
    for switch in ["disabled", "locked", "suspended"] {
        if gone(switch) {
            target[switch] = json!(false);
        }
    }
    if gone("roles") {
        target["roles"] = json!([]);
    }
    if gone("settings") {
        target["settings"] = json!({});
    }
    let is_named = matches!(kind, Kind::Tenant | Kind::Api | Kind::Role | Kind::Context | Kind::Client);
    if is_named && gone("name") {
        target["name"] = target["id"].clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merge_patch_is_applied_as_its_standard_says() {
        // RFC 7396, appendix A.
        let rows = [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]})),
            (json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}})),
            (json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]})),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}})),
        ];
        for (mut target, change, expected) in rows {
            merge(&mut target, &change);
            assert_eq!(target, expected);
        }
    }
}
