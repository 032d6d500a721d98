//! The header fields that tell a caller how it stands (draft-ietf-httpapi-ratelimit-headers-11): lists of structured fields
//! (RFC 9651), an item for each quota.

use std::fmt::Write;

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

use super::Standings;

/// Adds `RateLimit-Policy` and `RateLimit`, where a quota holds.
pub fn tell(standings: &Standings, headers: &mut HeaderMap) {
    let (mut policy, mut limit) = (String::with_capacity(48), String::with_capacity(48));
    for (quota, standing) in standings.named() {
        let name = quota.name();
        let comma = if policy.is_empty() { "" } else { ", " };
        // Writing to a String does not fail.
        let _ = write!(policy, "{comma}\"{name}\";q={};w=60", standing.quota);
        let _ = write!(limit, "{comma}\"{name}\";r={};t={}", standing.left, standing.reset_s);
    }
    if policy.is_empty() {
        return;
    }
    for (name, value) in [(POLICY, policy), (LIMIT, limit)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

#[cfg(test)]
mod tests {
    use super::super::Standing;
    use super::*;

    #[test]
    fn each_quota_is_an_item() {
        let address = Some(Standing { quota: 6000, left: 5999, reset_s: 1, is_over: false });
        let tenant = Some(Standing { quota: 100, left: 0, reset_s: 12, is_over: true });
        for (standings, policy, limit) in [
            (Standings::default(), None, None),
            (
                Standings { address, ..Standings::default() },
                Some("\"address\";q=6000;w=60"),
                Some("\"address\";r=5999;t=1"),
            ),
            (
                Standings { address, tenant, client: None },
                Some("\"address\";q=6000;w=60, \"tenant\";q=100;w=60"),
                Some("\"address\";r=5999;t=1, \"tenant\";r=0;t=12"),
            ),
        ] {
            let mut headers = HeaderMap::new();
            tell(&standings, &mut headers);
            let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap());
            assert_eq!((text(POLICY), text(LIMIT)), (policy, limit));
        }
    }
}
