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

/// Whether a lower-case letter of another script is drawn like a Latin one. A name that has no other letters reads
/// as a Latin name to a person.
pub(super) fn looks_latin(c: char) -> bool {
    match Script::of(c) {
        Some(Script::Cyrillic) => "\u{430}\u{441}\u{501}\u{435}\u{4bb}\u{456}\u{458}\u{43e}\u{440}\u{51b}\u{455}\u{51d}\u{445}\u{443}\u{4cf}\u{475}\u{457}\u{451}\u{43a}\u{43c}\u{442}\u{43d}\u{432}\u{437}\u{431}\u{4af}\u{455}".contains(c),
        Some(Script::Greek) => "\u{3b1}\u{3b3}\u{3b5}\u{3b7}\u{3b9}\u{3ba}\u{3bd}\u{3bf}\u{3c1}\u{3c3}\u{3c4}\u{3c5}\u{3c7}\u{3c9}\u{3f3}".contains(c),
        Some(Script::Armenian) => "\u{561}\u{563}\u{566}\u{570}\u{578}\u{57d}\u{581}\u{585}\u{584}\u{56c}".contains(c),
        _ => false,
    }
}

const TABLE: &[(char, char, Script)] = &[
    ('a', 'z', Script::Latin),
    ('\u{df}', '\u{f6}', Script::Latin),
    ('\u{f8}', '\u{24f}', Script::Latin),
    ('\u{250}', '\u{2af}', Script::Latin),
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
