//! The colours of the style sheet, by WCAG 2.2: text 1.4.3 (AA, 4.5), edges of controls 1.4.11 (3).

use std::collections::HashMap;

const SHEET: &str = include_str!("../../../assets/page.css");

/// Text or edge, its ground, and the contrast that is needed.
const PAIRS: &[(&str, &str, f64)] = &[
    ("text", "ground", 4.5),
    ("text", "surface", 4.5),
    ("text", "raised", 4.5),
    ("quiet", "ground", 4.5),
    ("quiet", "surface", 4.5),
    ("quiet", "raised", 4.5),
    ("accent", "surface", 4.5),
    ("accent", "raised", 4.5),
    ("accent-strong", "surface", 4.5),
    ("accent-strong", "raised", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-strong", 4.5),
    ("bad", "surface", 4.5),
    ("bad", "raised", 4.5),
    ("bad", "bad-ground", 4.5),
    ("good", "good-ground", 4.5),
    ("edge", "surface", 3.0),
    ("edge", "raised", 3.0),
    ("accent", "ground", 3.0),
];

#[test]
fn colours_have_enough_contrast_in_light_and_dark() {
    let light = variables(SHEET);
    let dark = variables(SHEET.split("(prefers-color-scheme: dark)").nth(1).expect("dark colours"));
    for (scheme, colours) in [("light", light), ("dark", dark)] {
        for (text, ground, needed) in PAIRS {
            let (bright, dim) = (luminance(&colours[*text]), luminance(&colours[*ground]));
            let contrast = (bright.max(dim) + 0.05) / (bright.min(dim) + 0.05);
            assert!(contrast >= *needed, "{scheme}: {text} on {ground} has {contrast:.2}");
        }
    }
}

/// The variables of the first block.
fn variables(sheet: &str) -> HashMap<String, String> {
    let block = sheet.split(":root {").nth(1).and_then(|rest| rest.split('}').next()).expect("a block");
    let lines = block.lines().filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'));
    lines.map(|(name, value)| (name.to_owned(), value.trim().trim_end_matches(';').to_owned())).collect()
}

/// Relative luminance of `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = u8::from_str_radix(&colour[at..at + 2], 16).expect("hexadecimal digits");
        let share = f64::from(value) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}
