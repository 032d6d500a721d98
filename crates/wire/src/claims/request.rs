//! The `claims` parameter (OpenID Connect Core, 5.5).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::json;
use crate::limits::{CLAIM_VALUES, CLAIMS_BYTES, CLAIMS_DEPTH, CLAIMS_MEMBERS};
use crate::names::errors;

/// Which claims are asked for, by name.
pub type ClaimMap = BTreeMap<String, ClaimRequest>;

/// Claims that a client asks for one by one, beside those of its scopes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ClaimsRequest {
    /// To be told by the userinfo endpoint.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: ClaimMap,
    /// To be told in the ID token.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: ClaimMap,
}

impl ClaimsRequest {
    /// Reads the parameter. Members that are not understood are ignored, as the specification demands; a member of
    /// the wrong type is an error.
    pub fn parse(text: &str) -> Result<ClaimsRequest, BadClaims> {
        if text.len() > CLAIMS_BYTES {
            return Err(BadClaims::TooLarge);
        }
        let value = json::strict_to_depth(text.as_bytes(), CLAIMS_DEPTH).map_err(|_| BadClaims::Json)?;
        ClaimsRequest::from_value(value)
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    fn from_value(value: Value) -> Result<ClaimsRequest, BadClaims> {
        let Value::Object(mut members) = value else { return Err(BadClaims::Shape) };
        Ok(ClaimsRequest {
            userinfo: claim_map(members.remove("userinfo"))?,
            id_token: claim_map(members.remove("id_token"))?,
        })
    }
}

/// What is stored is read back by the rules it was accepted by.
impl<'de> Deserialize<'de> for ClaimsRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ClaimsRequest, D::Error> {
        ClaimsRequest::from_value(Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// How one claim is asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ClaimRequest {
    /// Whether the client cannot well do without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// The value it should have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The values it may have, best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

impl ClaimRequest {
    /// Whether this value is one of those asked for (any, when none is).
    pub fn accepts(&self, value: &Value) -> bool {
        match (&self.value, self.values.as_slice()) {
            (None, []) => true,
            (wanted, others) => wanted.as_ref() == Some(value) || others.contains(value),
        }
    }
}

errors! {
    /// What is wrong with the `claims` parameter (`invalid_request`).
    pub enum BadClaims {
        Json = "claims is not a JSON text that can be accepted",
        Shape = "a member of claims has the wrong type",
        TooLarge = "claims asks for too much",
    }
}

fn claim_map(value: Option<Value>) -> Result<ClaimMap, BadClaims> {
    let members = match value {
        None | Some(Value::Null) => return Ok(ClaimMap::new()),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(BadClaims::Shape),
    };
    if members.len() > CLAIMS_MEMBERS {
        return Err(BadClaims::TooLarge);
    }
    members
        .into_iter()
        .map(|(name, value)| match value {
            Value::Null => Ok((name, ClaimRequest::default())),
            Value::Object(members) => Ok((name, claim_request(members)?)),
            _ => Err(BadClaims::Shape),
        })
        .collect()
}

fn claim_request(mut members: Map<String, Value>) -> Result<ClaimRequest, BadClaims> {
    let essential = match members.remove("essential") {
        None => false,
        Some(Value::Bool(essential)) => essential,
        Some(_) => return Err(BadClaims::Shape),
    };
    let values = match members.remove("values") {
        None => Vec::new(),
        Some(Value::Array(values)) if values.len() > CLAIM_VALUES => return Err(BadClaims::TooLarge),
        Some(Value::Array(values)) => values,
        Some(_) => return Err(BadClaims::Shape),
    };
    Ok(ClaimRequest { essential, value: members.remove("value"), values })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_is_read_and_stored() {
        let request = ClaimsRequest::parse(
            r#"{"userinfo":{"given_name":{"essential":true},"nickname":null,"http://example.info/claims/groups":null},
                "id_token":{"auth_time":{"essential":true},"acr":{"values":["urn:mace:incommon:iap:silver"]},
                "sub":{"value":"248289761001"},"x":{"essential":false,"unknown":1}},"other":[1]}"#,
        )
        .unwrap();
        assert!(request.userinfo["given_name"].essential);
        assert!(!request.userinfo["nickname"].essential);
        assert_eq!(request.userinfo.len(), 3);
        assert_eq!(request.id_token["acr"].values, ["urn:mace:incommon:iap:silver"]);
        assert_eq!(request.id_token["sub"].value, Some(Value::from("248289761001")));
        let stored = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<ClaimsRequest>(&stored).unwrap(), request);
        assert_eq!(ClaimsRequest::parse(&stored).unwrap(), request);
    }

    #[test]
    fn nothing_may_be_asked_for() {
        for text in ["{}", r#"{"userinfo":null}"#, r#"{"id_token":{}}"#] {
            assert!(ClaimsRequest::parse(text).unwrap().is_empty(), "{text}");
        }
    }

    #[test]
    fn a_value_is_accepted_when_it_is_asked_for() {
        let rows = [
            (r#"null"#, true),
            (r#"{"essential":true}"#, true),
            (r#"{"value":"a"}"#, true),
            (r#"{"value":"b"}"#, false),
            (r#"{"values":["b","a"]}"#, true),
            (r#"{"values":["b"]}"#, false),
            (r#"{"value":"b","values":["a"]}"#, true),
        ];
        for (text, accepted) in rows {
            let request = ClaimsRequest::parse(&format!(r#"{{"id_token":{{"sub":{text}}}}}"#)).unwrap();
            assert_eq!(request.id_token["sub"].accepts(&Value::from("a")), accepted, "{text}");
        }
    }

    #[test]
    fn malformed_requests_are_refused() {
        let many = |count: usize| {
            let members: Vec<_> = (0..count).map(|at| format!(r#""c{at}":null"#)).collect();
            format!(r#"{{"userinfo":{{{}}}}}"#, members.join(","))
        };
        let values =
            |count: usize| format!(r#"{{"userinfo":{{"a":{{"values":[{}]}}}}}}"#, vec!["1"; count].join(","));
        assert!(ClaimsRequest::parse(&many(CLAIMS_MEMBERS)).is_ok());
        assert!(ClaimsRequest::parse(&values(CLAIM_VALUES)).is_ok());
        let rows: &[(String, BadClaims)] = &[
            (String::new(), BadClaims::Json),
            ("{".into(), BadClaims::Json),
            (r#"{"userinfo":{"a":null,"a":null}}"#.into(), BadClaims::Json),
            (
                format!(r#"{{"x":{}1{}}}"#, "[".repeat(CLAIMS_DEPTH), "]".repeat(CLAIMS_DEPTH)),
                BadClaims::Json,
            ),
            ("[]".into(), BadClaims::Shape),
            ("null".into(), BadClaims::Shape),
            (r#"{"userinfo":[]}"#.into(), BadClaims::Shape),
            (r#"{"id_token":"sub"}"#.into(), BadClaims::Shape),
            (r#"{"userinfo":{"name":true}}"#.into(), BadClaims::Shape),
            (r#"{"userinfo":{"name":{"essential":"true"}}}"#.into(), BadClaims::Shape),
            (r#"{"userinfo":{"name":{"values":"a"}}}"#.into(), BadClaims::Shape),
            (many(CLAIMS_MEMBERS + 1), BadClaims::TooLarge),
            (values(CLAIM_VALUES + 1), BadClaims::TooLarge),
            (format!("{{}}{}", " ".repeat(CLAIMS_BYTES)), BadClaims::TooLarge),
        ];
        for (text, expected) in rows {
            assert_eq!(ClaimsRequest::parse(text), Err(*expected), "{text}");
        }
    }
}
