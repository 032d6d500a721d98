//! Scripts, as coarse as the question needs: may these letters stand in one user name? (Unicode UTS 39, 5.2.)

/// A script, or a family of scripts that are written together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    Arabic,
    Armenian,
    Bengali,
    Cyrillic,
    Devanagari,
    /// Han, Hiragana, Katakana, Bopomofo and Hangul.
    EastAsian,
    Ethiopic,
    Georgian,
    Greek,
    Gujarati,
    Gurmukhi,
    Hebrew,
    Kannada,
    Khmer,
    Lao,
    Latin,
    Malayalam,
    Myanmar,
    Oriya,
    Sinhala,
    Tamil,
    Telugu,
    Thai,
    Tibetan,
}

impl Script {
    /// The script of a letter or of a mark or digit of its own; `None` for what is not in the table.
    pub(super) fn of(c: char) -> Option<Script> {
        TABLE.iter().find(|(first, last, _)| (*first..=*last).contains(&c)).map(|(_, _, script)| *script)
    }
}

/// The Latin letter that a lower-case letter of another script is drawn like.
pub(super) fn latin_look(c: char) -> Option<char> {
    LOOKS.iter().find(|(other, _)| *other == c).map(|(_, latin)| *latin)
}

/// Cyrillic, Greek and Armenian letters that most typefaces draw like a Latin one (after Unicode UTS 39).
const LOOKS: &[(char, char)] = &[
    ('\u{430}', 'a'),
    ('\u{435}', 'e'),
    ('\u{43a}', 'k'),
    ('\u{43e}', 'o'),
    ('\u{440}', 'p'),
    ('\u{441}', 'c'),
    ('\u{443}', 'y'),
    ('\u{445}', 'x'),
    ('\u{455}', 's'),
    ('\u{456}', 'i'),
    ('\u{458}', 'j'),
    ('\u{475}', 'v'),
    ('\u{4bb}', 'h'),
    ('\u{4cf}', 'l'),
    ('\u{501}', 'd'),
    ('\u{51b}', 'q'),
    ('\u{51d}', 'w'),
    ('\u{3b1}', 'a'),
    ('\u{3b3}', 'y'),
    ('\u{3b9}', 'i'),
    ('\u{3ba}', 'k'),
    ('\u{3bd}', 'v'),
    ('\u{3bf}', 'o'),
    ('\u{3c1}', 'p'),
    ('\u{3c3}', 'o'),
    ('\u{3c4}', 't'),
    ('\u{3c5}', 'u'),
    ('\u{3c7}', 'x'),
    ('\u{3c9}', 'w'),
    ('\u{3f3}', 'j'),
    ('\u{563}', 'q'),
    ('\u{566}', 'q'),
    ('\u{570}', 'h'),
    ('\u{578}', 'n'),
    ('\u{57d}', 'u'),
    ('\u{581}', 'g'),
    ('\u{585}', 'o'),
];

const TABLE: &[(char, char, Script)] = &[
    ('a', 'z', Script::Latin),
    ('\u{df}', '\u{f6}', Script::Latin),
    // Without the click letters, which are drawn like l and an exclamation mark.
    ('\u{f8}', '\u{1bf}', Script::Latin),
    ('\u{1c4}', '\u{24f}', Script::Latin),
    // Of the phonetic letters those that stand in alphabets; the others look like a, g, i.
    ('\u{253}', '\u{254}', Script::Latin),
    ('\u{256}', '\u{257}', Script::Latin),
    ('\u{259}', '\u{259}', Script::Latin),
    ('\u{25b}', '\u{25b}', Script::Latin),
    ('\u{263}', '\u{263}', Script::Latin),
    ('\u{268}', '\u{268}', Script::Latin),
    ('\u{272}', '\u{272}', Script::Latin),
    ('\u{289}', '\u{289}', Script::Latin),
    ('\u{28b}', '\u{28b}', Script::Latin),
    ('\u{1e00}', '\u{1eff}', Script::Latin),
    ('\u{370}', '\u{3ff}', Script::Greek),
    ('\u{1f00}', '\u{1fff}', Script::Greek),
    ('\u{400}', '\u{52f}', Script::Cyrillic),
    ('\u{531}', '\u{58a}', Script::Armenian),
    ('\u{591}', '\u{5f4}', Script::Hebrew),
    ('\u{600}', '\u{6ff}', Script::Arabic),
    ('\u{750}', '\u{77f}', Script::Arabic),
    ('\u{900}', '\u{97f}', Script::Devanagari),
    ('\u{980}', '\u{9ff}', Script::Bengali),
    ('\u{a00}', '\u{a7f}', Script::Gurmukhi),
    ('\u{a80}', '\u{aff}', Script::Gujarati),
    ('\u{b00}', '\u{b7f}', Script::Oriya),
    ('\u{b80}', '\u{bff}', Script::Tamil),
    ('\u{c00}', '\u{c7f}', Script::Telugu),
    ('\u{c80}', '\u{cff}', Script::Kannada),
    ('\u{d00}', '\u{d7f}', Script::Malayalam),
    ('\u{d80}', '\u{dff}', Script::Sinhala),
    ('\u{e00}', '\u{e7f}', Script::Thai),
    ('\u{e80}', '\u{eff}', Script::Lao),
    ('\u{f00}', '\u{fff}', Script::Tibetan),
    ('\u{1000}', '\u{109f}', Script::Myanmar),
    ('\u{10a0}', '\u{10ff}', Script::Georgian),
    ('\u{1c90}', '\u{1cbf}', Script::Georgian),
    ('\u{1100}', '\u{11ff}', Script::EastAsian),
    ('\u{1200}', '\u{139f}', Script::Ethiopic),
    ('\u{1780}', '\u{17ff}', Script::Khmer),
    ('\u{3005}', '\u{3007}', Script::EastAsian),
    ('\u{3041}', '\u{30ff}', Script::EastAsian),
    ('\u{3105}', '\u{312f}', Script::EastAsian),
    ('\u{3400}', '\u{4dbf}', Script::EastAsian),
    ('\u{4e00}', '\u{9fff}', Script::EastAsian),
    ('\u{ac00}', '\u{d7a3}', Script::EastAsian),
    ('\u{20000}', '\u{323af}', Script::EastAsian),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_does_not_overlap() {
        let mut sorted = TABLE.to_vec();
        sorted.sort_by_key(|(first, _, _)| *first);
        for pair in sorted.windows(2) {
            assert!(pair[0].0 <= pair[0].1 && pair[0].1 < pair[1].0, "{pair:?}");
        }
    }

    #[test]
    fn letters_have_their_script() {
        let rows = [
            ('a', Some(Script::Latin)),
            ('\u{df}', Some(Script::Latin)),
            ('\u{131}', Some(Script::Latin)),
            ('\u{1ebf}', Some(Script::Latin)),
            ('\u{430}', Some(Script::Cyrillic)),
            ('\u{3b1}', Some(Script::Greek)),
            ('\u{5d0}', Some(Script::Hebrew)),
            ('\u{628}', Some(Script::Arabic)),
            ('\u{915}', Some(Script::Devanagari)),
            ('\u{e01}', Some(Script::Thai)),
            ('\u{3042}', Some(Script::EastAsian)),
            ('\u{6f22}', Some(Script::EastAsian)),
            ('\u{d55c}', Some(Script::EastAsian)),
            ('\u{251}', None),
            ('\u{261}', None),
            ('\u{1c3}', None),
            ('\u{13a0}', None),
            ('\u{d7}', None),
        ];
        for (c, expected) in rows {
            assert_eq!(Script::of(c), expected, "{c}");
        }
    }

    #[test]
    fn looks_lead_from_another_script_to_latin() {
        for (other, latin) in LOOKS {
            assert!(Script::of(*other).is_some_and(|script| script != Script::Latin));
            assert!(latin.is_ascii_lowercase());
        }
    }
}
