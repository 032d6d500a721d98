//! What every page keeps to: strict content security policy, forms, labels, escaping.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use crate::page::asset;
use crate::page::policy::{Frames, Policy};
use crate::page::text::Texts;
use crate::page::view::{ContinueTo, FormPost, Frame, SignedOut, View};

use super::samples;
use super::tags::{Tag, tags};

const HOSTILE: &str =
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'` onfocus='x' {{7*7}} ${7*7} &lt;";

/// `DOORWARD_PAGES=folder cargo test -p doorward-web` writes every page there, to be looked at.
#[test]
fn every_page_can_be_written_out() {
    let Some(folder) = std::env::var_os("DOORWARD_PAGES") else { return };
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("assets")).expect("the folder can be made");
    for asset in asset::all() {
        fs::write(folder.join("assets").join(&asset.name), asset.bytes).expect("a file is written");
    }
    for texts in Texts::all() {
        for (name, page) in samples::all(texts, &str::to_owned) {
            let file = folder.join(format!("{name}.{}.html", texts.locale()));
            fs::write(file, page.html()).expect("a file is written");
        }
    }
}

#[test]
fn hostile_texts_change_no_tag() {
    for texts in Texts::all() {
        let plain = samples::all(texts, &str::to_owned);
        let hostile = samples::all(texts, &|text| format!("{text}{HOSTILE}"));
        for ((name, plain), (_, hostile)) in plain.iter().zip(&hostile) {
            let html = hostile.html();
            assert!(html.contains("{{7*7}} ${7*7}"), "{name}: a text was evaluated or is not shown");
            assert!(!html.contains("<script>") && !html.contains("<img"), "{name}");
            assert_eq!(shape(&plain.html()), shape(&html), "{name}");
        }
    }
}

#[test]
fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    each_page(|name, html, tags| {
        for tag in tags {
            assert_ne!(tag.name, "style", "{name}");
            let foreign = ["onclick", "onload", "style", "srcdoc", "formaction", "ping"];
            assert!(foreign.iter().all(|attribute| !tag.has(attribute)), "{name}: {tag:?}");
            assert!(tag.attributes.iter().all(|(name, _)| !name.starts_with("on")), "{name}: {tag:?}");
            for attribute in ["src", "href"] {
                let Some(address) = tag.attribute(attribute) else { continue };
                let loads = tag.name != "a";
                assert!(
                    !loads || asset::find(address.trim_start_matches("/assets/")).is_some(),
                    "{name}: {tag:?}"
                );
            }
            assert!(tag.name != "script" || tag.has("src"), "{name}: inline script");
        }
        // Pages of frames have one more.
        let scripts = tags.iter().filter(|tag| tag.name == "script").count();
        assert!(scripts == html.matches("<script").count() && (1..=2).contains(&scripts), "{name}");
    });
}

#[test]
fn every_button_stands_in_its_form_and_every_field_has_a_label() {
    each_page(|name, _, tags| {
        let ids: Vec<_> = tags.iter().filter_map(|tag| tag.attribute("id")).collect();
        let unique: HashSet<_> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: an id stands there twice");
        let labels: HashSet<_> = tags.iter().filter_map(|tag| tag.attribute("for")).collect();
        let mut in_form = false;
        for tag in tags {
            match tag.name.as_str() {
                "form" => {
                    assert!(!in_form, "{name}: a form in a form");
                    in_form = true;
                }
                "/form" => in_form = false,
                "button" => assert!(in_form && tag.has("type"), "{name}: {tag:?}"),
                "input" | "select" => {
                    assert!(in_form, "{name}: {tag:?}");
                    let shown = tag.attribute("type") != Some("hidden") && !tag.has("hidden");
                    let labelled = tag.attribute("id").is_some_and(|id| labels.contains(id));
                    assert!(!shown || labelled, "{name}: no label for {tag:?}");
                }
                _ => {}
            }
            for attribute in ["aria-describedby", "aria-labelledby", "for", "data-copy"] {
                for id in tag.attribute(attribute).unwrap_or_default().split_whitespace() {
                    assert!(unique.contains(id), "{name}: {attribute} names no element: {tag:?}");
                }
            }
        }
        let headings = tags.iter().filter(|tag| tag.name == "h1").count();
        assert_eq!(headings, 1, "{name}: one first heading");
        assert!(
            tags.iter().filter(|tag| tag.has("autofocus")).count() <= 1,
            "{name}: focus is asked for twice"
        );
    });
}

#[test]
fn tags_are_closed_in_order() {
    const VOID: [&str; 4] = ["meta", "link", "input", "wbr"];
    const DRAWN: [&str; 3] = ["rect", "path", "circle"];
    each_page(|name, _, tags| {
        let mut open = Vec::new();
        for tag in tags {
            match tag.name.strip_prefix('/') {
                Some(closed) => assert_eq!(open.pop(), Some(closed), "{name}"),
                None if VOID.contains(&tag.name.as_str()) || DRAWN.contains(&tag.name.as_str()) => {}
                None => open.push(&tag.name),
            }
        }
        assert!(open.is_empty(), "{name}: {open:?}");
    });
}

#[test]
fn forms_that_may_end_at_a_client_carry_no_form_action() {
    for policy in [Policy::Own, Policy::Hands, Policy::ToClient, Policy::FromUs] {
        let header = policy.content_security_policy(Frames::None);
        assert!(!header.contains("unsafe") && header.starts_with("default-src 'none'; "), "{header}");
        assert_eq!(header.contains("form-action 'self'"), matches!(policy, Policy::Own | Policy::Hands));
        assert!(header.contains("base-uri 'none'; frame-ancestors 'none'"), "{header}");
    }
}

#[test]
fn a_policy_names_who_may_stand_around_a_page_and_what_it_shows() {
    let origins = ["https://a.example".to_owned(), "https://b.example".to_owned()];
    let sources = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'";
    let around = "frame-ancestors 'self' https://a.example https://b.example";
    let rows = [
        (
            Policy::Own,
            Frames::In(&origins),
            format!("{sources}; base-uri 'none'; {around}; form-action 'self'"),
        ),
        (Policy::ToClient, Frames::In(&origins), format!("{sources}; base-uri 'none'; {around}")),
        (
            Policy::Hands,
            Frames::None,
            format!(
                "{sources}; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
            ),
        ),
        (
            Policy::ToClient,
            Frames::Of(&origins),
            format!(
                "{sources}; connect-src 'self'; frame-src 'self' https://a.example https://b.example; base-uri 'none'; frame-ancestors 'none'"
            ),
        ),
    ];
    for (policy, frames, expected) in rows {
        assert_eq!(policy.content_security_policy(frames), expected, "{policy:?} {frames:?}");
    }
}

#[test]
fn parameters_cannot_change_where_a_form_post_goes() {
    let params =
        [("action", "https://evil.example/"), ("submit", "x"), ("form", "x"), ("\" formaction=\"x", "x")];
    let page = FormPost {
        frame: frame(),
        action: "https://app.example/cb?a=1&b=\"2".to_owned(),
        params: params.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        client: "App".to_owned(),
    };
    let tags = tags(&page.html());
    let forms: Vec<_> = tags.iter().filter(|tag| tag.name == "form").collect();
    assert_eq!(forms.len(), 1);
    assert_eq!(forms[0].attribute("action"), Some("https://app.example/cb?a=1&#38;b=&#34;2"));
    assert_eq!(forms[0].attribute("method"), Some("post"));
    let fields: Vec<_> = tags.iter().filter(|tag| tag.name == "input").collect();
    assert_eq!(fields.len(), params.len());
    assert!(fields.iter().all(|field| field.attributes.len() == 3));
    assert!(tags.iter().filter(|tag| tag.name == "button").all(|button| !button.has("name")));
}

#[test]
fn a_link_that_runs_something_is_not_shown() {
    let link = "javascript:alert(1)".to_owned();
    let pages: [Box<dyn View>; 2] = [
        Box::new(ContinueTo {
            frame: frame(),
            client: "App".to_owned(),
            link: link.clone(),
            is_refused: false,
        }),
        Box::new(SignedOut { frame: frame(), back: Some(("App".to_owned(), link)), stayed: false }),
    ];
    for page in pages {
        assert!(!page.html().contains("javascript:"));
    }
}

#[test]
fn assets_are_found_by_their_exact_name_only() {
    for asset in asset::all() {
        assert!(asset::find(&asset.name).is_some());
        let is_kept = asset.headers().iter().any(|(_, value)| value.contains("immutable"));
        assert_eq!(is_kept, asset.name != "host.js", "{}", asset.name);
    }
    assert!(asset::find("page.css").is_none() && asset::find("../page.css").is_none());
}

fn frame() -> Frame {
    Frame {
        texts: Texts::for_locale("en"),
        brand: "B".to_owned(),
        base: "/t/x".to_owned(),
        host: String::new(),
    }
}

fn each_page(check: impl Fn(&str, &str, &[Tag])) {
    for texts in Texts::all() {
        for (name, page) in samples::all(texts, &str::to_owned) {
            let html = page.html();
            check(&name, &html, &tags(&html));
        }
    }
}

/// Names of tags and attributes: all that must not depend on texts.
fn shape(html: &str) -> Vec<(String, Vec<String>)> {
    tags(html)
        .into_iter()
        .map(|tag| (tag.name, tag.attributes.into_iter().map(|(name, _)| name).collect()))
        .collect()
}
