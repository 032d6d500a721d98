//! Where a list goes on: a key under a MAC that names tenant, path and filters, so that no cursor works where it was not given.

use doorward_crypto::base64url;
use doorward_crypto::mac::MacKey;

use crate::app::Call;

/// A key as a cursor of this request's list; none while the tenant has no keys.
pub fn write(call: &Call<'_>, key: &str) -> Option<String> {
    let (_, mac) = call.tenant.keys.ring.newest_mac()?;
    let tag = bound(call, key, |parts| mac.tag(parts));
    Some(base64url::encode(&[&tag[..TAG], key.as_bytes()].concat()))
}

/// The key of a cursor; none when it was not given for this list.
pub fn read(call: &Call<'_>, cursor: &str) -> Option<String> {
    let bytes = base64url::decode(cursor)?;
    let (given, key) = bytes.split_first_chunk::<TAG>()?;
    let key = std::str::from_utf8(key).ok()?;
    let known = |mac: &MacKey| bound(call, key, |parts| mac.verify(parts, given));
    call.tenant.keys.ring.mac.values().any(known).then(|| key.to_owned())
}

/// What `of` makes of the list and the key.
fn bound<T>(call: &Call<'_>, key: &str, of: impl FnOnce(&[&[u8]]) -> T) -> T {
    let query = call.request.query.as_deref().unwrap_or_default();
    let mut filters: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !["after=", "limit="].iter().any(|own| pair.starts_with(own)))
        .collect();
    filters.sort_unstable();
    let (issuer, filters) = (call.issuer.id.as_str(), filters.join("&"));
    of(&[b"admin cursor", issuer.as_bytes(), call.path.as_bytes(), filters.as_bytes(), key.as_bytes()])
}

/// Bytes of a MAC.
const TAG: usize = 16;
