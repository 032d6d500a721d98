//! The nearest known name to one that is not known, for suggestions.

/// The known name that `unknown` was probably meant to be; none when nothing is near.
pub fn of<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wish = unknown.to_ascii_lowercase();
    known
        .into_iter()
        .map(|name| (distance(&wish, &name.to_ascii_lowercase()), name))
        .filter(|(distance, name)| {
            *distance <= (name.chars().count().max(wish.chars().count()) / 3).clamp(1, 4)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Letters to insert, delete, replace or swap with their neighbour (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn what_is_near_is_found() {
        let known = ["public_url", "listen", "ops_listen", "tls.certificate", "tls.key", "log.level"];
        for (unknown, expected) in [
            ("public_uri", Some("public_url")),
            ("publik_url", Some("public_url")),
            ("lisetn", Some("listen")),
            ("Listen", Some("listen")),
            ("tls.cert", None),
            ("tls.certificat", Some("tls.certificate")),
            ("log.levle", Some("log.level")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(of(unknown, known), expected, "{unknown}");
        }
    }
}
