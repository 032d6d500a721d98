//! QR codes as what an SVG path draws. The image stands in the page: it holds a secret, and no file of it may be kept anywhere.

use qrcode::{Color, EcLevel, QrCode};

/// A QR code: a square of `size` modules with its quiet zone, and the path of the dark ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qr {
    /// Modules on each side; 0 where the text is too long for one.
    pub size: usize,
    /// The path's `d`.
    pub path: String,
}

impl Qr {
    /// The code of a text.
    pub fn of(text: &str) -> Self {
        let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return Self::default() };
        let width = code.width();
        let mut path = String::new();
        for (row, colors) in code.to_colors().chunks(width).enumerate() {
            let mut at = 0;
            while at < width {
                let dark = colors[at..].iter().take_while(|color| **color == Color::Dark).count();
                if dark > 0 {
                    path.push_str(&format!("M{} {}h{dark}v1h-{dark}z", at + QUIET, row + QUIET));
                }
                at += dark.max(1);
            }
        }
        Self { size: width + 2 * QUIET, path }
    }
}

/// Light modules around it (ISO/IEC 18004, 9.1).
const QUIET: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader sees: the modules of the path are those of the code.
    #[test]
    fn the_path_draws_the_dark_modules() {
        let text = "otpauth://totp/Northwind:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let qr = Qr::of(text);
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        let mut drawn = vec![vec![false; qr.size]; qr.size];
        for run in qr.path.split('z').filter(|run| !run.is_empty()) {
            let numbers: Vec<usize> = run
                .split(|c: char| !c.is_ascii_digit())
                .filter(|part| !part.is_empty())
                .map(|part| part.parse().unwrap())
                .collect();
            let [x, y, length, 1, back] = numbers[..] else { panic!("{run}") };
            assert_eq!(length, back);
            drawn[y][x..x + length].fill(true);
        }
        assert_eq!(qr.size, code.width() + 8);
        for y in 0..code.width() {
            for x in 0..code.width() {
                assert_eq!(drawn[y + 4][x + 4], code[(x, y)] == Color::Dark, "{x} {y}");
            }
        }
        assert_eq!(drawn.iter().flatten().filter(|dark| **dark).count(), {
            code.to_colors().iter().filter(|color| **color == Color::Dark).count()
        });
    }

    #[test]
    fn what_is_too_long_is_none() {
        assert_eq!(Qr::of(&"x".repeat(5000)), Qr::default());
    }
}
