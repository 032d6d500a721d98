//! Which language a page speaks: `ui_locales` first, then the account, then the browser.
//!
//! OpenID Connect Core 1.0, section 3.1.2.1 (`ui_locales`); RFC 9110, section 12.5.4.

use super::text::Texts;

/// The first language of the three sources that we speak, English otherwise. `ui_locales` is the
/// parameter's space separated list, `account` the person's own choice, `accept_language` the header.
pub fn choose(
    ui_locales: Option<&str>,
    account: Option<&str>,
    accept_language: Option<&str>,
) -> &'static Texts {
    let asked = ui_locales.unwrap_or_default().split(' ');
    let browser = accept_language.map(by_preference).unwrap_or_default();
    asked.chain(account).chain(browser).find_map(Texts::spoken).unwrap_or_else(|| Texts::for_locale("en"))
}

/// The language ranges of an `Accept-Language` header, the dearest first; at most 32 are read.
fn by_preference(header: &str) -> Vec<&str> {
    let mut ranges: Vec<(u32, &str)> = header
        .split(',')
        .take(32)
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let tag = parts.next().filter(|tag| !tag.is_empty())?;
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), thousandths)?;
            (weight > 0).then_some((weight, tag))
        })
        .collect();
    // Stable: ranges of one weight stay in the order of the header.
    ranges.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    ranges.into_iter().map(|(_, tag)| tag).collect()
}

fn thousandths(weight: &str) -> Option<u32> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    if !matches!(whole, "0" | "1") || fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let fraction = format!("{fraction:0<3}").parse::<u32>().ok()?;
    let value = whole.parse::<u32>().ok()? * 1000 + fraction;
    (value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_outranks_the_account_and_the_account_the_browser() {
        assert_eq!(choose(Some("fr de"), Some("en"), Some("en")).locale(), "de");
        assert_eq!(choose(Some("fr"), Some("de-AT"), Some("en")).locale(), "de");
        assert_eq!(choose(None, None, Some("fr, en;q=0.3, de;q=0.7")).locale(), "de");
        assert_eq!(choose(None, Some("xx"), Some("de;q=0, en;q=0.001")).locale(), "en");
        assert_eq!(choose(None, None, None).locale(), "en");
    }

    #[test]
    fn a_broken_header_is_no_error() {
        for header in ["", ",,;", "de;q=9", "de;q=1.5", "de;q=0.1234", "de;q=-1", "ä;q=ä", "*"] {
            assert_eq!(choose(None, None, Some(header)).locale(), "en", "{header}");
        }
        assert_eq!(choose(None, None, Some("de-CH;q=1.0")).locale(), "de");
        assert_eq!(choose(None, None, Some("DE_de")).locale(), "de");
    }
}
