//! What was measured, by name.

use std::collections::BTreeMap;

use crate::load::Round;

/// Samples of rows and floors.
#[derive(Default)]
pub struct Samples {
    floors: BTreeMap<&'static str, Vec<f64>>,
    https: BTreeMap<&'static str, Vec<f64>>,
    rows: BTreeMap<&'static str, Vec<Round>>,
}

/// Best and median.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spread {
    /// The least.
    pub best: f64,
    /// The middle.
    pub median: f64,
}

impl Samples {
    /// A floor took so many microseconds.
    pub fn floor(&mut self, name: &'static str, us: f64) {
        self.floors.entry(name).or_default().push(us);
    }

    /// The bare answer that belongs to a row did.
    pub fn http(&mut self, row: &'static str, us: f64) {
        self.https.entry(row).or_default().push(us);
    }

    /// A row's round.
    pub fn row(&mut self, name: &'static str, round: Round) {
        self.rows.entry(name).or_default().push(round);
    }

    /// A floor.
    pub fn of_floor(&self, name: &str) -> Spread {
        Spread::of(self.floors.get(name).map_or(&[][..], Vec::as_slice))
    }

    /// The bare answer of a row.
    pub fn of_http(&self, row: &str) -> Spread {
        Spread::of(self.https.get(row).map_or(&[][..], Vec::as_slice))
    }

    /// The cheapest bare answer of all.
    pub fn least_http(&self) -> f64 {
        self.https.values().flatten().copied().fold(f64::MAX, f64::min)
    }

    /// A row's rounds.
    pub fn rounds(&self, row: &str) -> &[Round] {
        self.rows.get(row).map_or(&[], Vec::as_slice)
    }

    /// Every floor that was measured.
    pub fn floors(&self) -> impl Iterator<Item = (&'static str, Spread)> {
        self.floors.iter().map(|(name, samples)| (*name, Spread::of(samples)))
    }
}

impl Spread {
    /// Of these; zero of none.
    pub fn of(samples: &[f64]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self {
            best: sorted.first().copied().unwrap_or(0.0),
            median: sorted.get(sorted.len() / 2).copied().unwrap_or(0.0),
        }
    }

    /// Both, and so many of another.
    pub fn plus(self, times: f64, other: Self) -> Self {
        Self { best: self.best + times * other.best, median: self.median + times * other.median }
    }
}
