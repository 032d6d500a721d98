//! A POST from another site comes without our cookies (`SameSite=Lax`): one hop on our own site first, then it is decided (design,
//! section 9).

use doorward_wire::params::Params;

use super::browser::Browser;
use crate::app::Call;
use crate::page::view::Hop;
use crate::render::{self, Answer};

/// The hop to `path` of this issuer; none when the cookies that there are came along. As a GET, or as a form that the page sends by
/// itself where the address would be longer than servers in between may take.
pub fn hop(call: &Call<'_>, browser: &Browser, path: &str, params: &Params) -> Option<Answer> {
    if browser.session.is_some() || is_from_us(call) {
        return None;
    }
    let target = format!("{}?{}", call.url(path), params.to_query());
    if target.len() <= LONGEST_TARGET {
        return Some(render::see_other(&target));
    }
    let view = Hop {
        frame: browser.frame(call, params.get("ui_locales")),
        action: format!("{}{path}", call.issuer.path()),
        params: params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
    };
    Some(browser.page(call, 200, &view))
}

/// Whether one of our own pages sent it. Who says nothing may be anywhere.
fn is_from_us(call: &Call<'_>) -> bool {
    match call.header("origin") {
        Some(origin) => origin.as_bytes() == call.issuer.origin().as_bytes(),
        None => call.header("sec-fetch-site") == Some("same-origin"),
    }
}

/// Bytes.
const LONGEST_TARGET: usize = 6 * 1024;
