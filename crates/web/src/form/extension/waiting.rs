//! Since when a frame waits for somebody to sign in: what was shown before the person signed in anew, so that this counts for the request,
//! and nothing of before does. A frame has no cookie until it is signed in, so that moment travels in the addresses that lead out of it and
//! back, under a MAC over the request that it is of.

use doorward_core::Timestamp;
use doorward_crypto::base64url;
use doorward_wire::params::Params;

use super::super::journey::pairs;
use crate::app::Call;

/// The parameters of a frame's request that waits since that moment.
pub fn with(call: &Call<'_>, params: &Params, since: Timestamp) -> Params {
    let params = without(params);
    let Some((_, key)) = call.tenant.keys.ring.newest_mac() else { return params };
    let since_ms = since.0.to_string();
    let tag = key.tag(&parts(&since_ms, &params.to_query(), call.issuer.id.as_str()));
    let mut pairs = pairs(&params);
    pairs.push((SINCE.to_owned(), format!("{since_ms}.{}", base64url::encode(&tag))));
    Params::from_pairs(pairs)
}

/// Since when the request waits whose parameters these are: none where they do not say so, or were changed, or after a day.
pub fn since(call: &Call<'_>, params: &Params) -> Option<Timestamp> {
    let (since_ms, tag) = params.get(SINCE)?.split_once('.')?;
    let tag = base64url::decode(tag).filter(|tag| tag.len() == 32)?;
    let query = without(params).to_query();
    let parts = parts(since_ms, &query, call.issuer.id.as_str());
    if !call.tenant.keys.ring.mac.values().any(|key| key.verify(&parts, &tag)) {
        return None;
    }
    let since = Timestamp(since_ms.parse().ok()?);
    (call.app.store.now().since_ms(since) <= MAX_AGE_MS).then_some(since)
}

/// The request's own parameters.
pub fn without(params: &Params) -> Params {
    params.without(SINCE)
}

fn parts<'a>(since_ms: &'a str, query: &'a str, issuer: &'a str) -> [&'a [u8]; 4] {
    [b"frame waits", since_ms.as_bytes(), query.as_bytes(), issuer.as_bytes()]
}

/// The parameter.
const SINCE: &str = "frame_waits_since";
const MAX_AGE_MS: i64 = 86_400_000;
