//! The types of the standard claims (OpenID Connect Core, section 5.1), as the suite checks them.

use serde_json::Value;

/// Every member is of its type, and none is null or empty (section 5.3.2).
#[track_caller]
pub fn assert_valid(claims: &Value) {
    for (name, value) in claims.as_object().expect("claims are an object") {
        let is_valid = match name.as_str() {
            "email_verified" | "phone_number_verified" => value.is_boolean(),
            "updated_at" => value.as_i64().is_some_and(|seconds| seconds > 0),
            "birthdate" => value.as_str().is_some_and(is_birthdate),
            "address" => value.as_object().is_some_and(|members| {
                !members.is_empty()
                    && members.iter().all(|(name, value)| ADDRESS.contains(&name.as_str()) && is_text(value))
            }),
            "email" => value.as_str().is_some_and(|email| email.contains('@')),
            "profile" | "picture" | "website" => {
                value.as_str().is_some_and(|text| url::Url::parse(text).is_ok())
            }
            "sub" | "name" | "given_name" | "family_name" | "middle_name" | "nickname"
            | "preferred_username" | "gender" | "zoneinfo" | "locale" | "phone_number" => is_text(value),
            _ => false,
        };
        assert!(is_valid, "{name}: {value}");
    }
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

/// `YYYY-MM-DD`, `0000-MM-DD` or `YYYY` (ISO 8601-1:2019).
fn is_birthdate(text: &str) -> bool {
    let digits =
        |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split('-').collect::<Vec<_>>().as_slice() {
        [year] => digits(year, 4),
        [year, month, day] => digits(year, 4) && digits(month, 2) && digits(day, 2),
        _ => false,
    }
}

const ADDRESS: [&str; 6] = ["formatted", "street_address", "locality", "region", "postal_code", "country"];
