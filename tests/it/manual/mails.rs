//! `docs/manual/mail.md`: every kind of mail, and what a tenant's own text can say.

use std::collections::BTreeSet;

use doorward_core::model::MailKind;

#[test]
fn the_manual_names_every_mail_and_its_placeholders() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/manual/mail.md");
    let text = std::fs::read_to_string(file).expect("the page is there");
    for kind in MailKind::ALL.iter().filter(|kind| !kind.is_request()) {
        let start = format!("| `{}` |", kind.as_str());
        let row = text
            .lines()
            .find(|line| line.starts_with(&start))
            .unwrap_or_else(|| panic!("{start} is missing"));
        let last = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        let named: BTreeSet<&str> = last.split('`').skip(1).step_by(2).collect();
        let link = kind.has_link().then_some("link");
        let known: BTreeSet<&str> = kind.values().iter().copied().chain(link).collect();
        assert_eq!(named, known, "{row}");
    }
}
