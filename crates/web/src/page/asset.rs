//! The files that pages refer to, in the binary, under names that change with their content: a
//! browser may keep each for a year, and an update is seen at once.

use std::sync::LazyLock;

/// A file as it is served.
#[derive(Debug)]
pub struct Asset {
    /// Its name under `/assets/`, with the hash of its content: `page-1a2b3c4d5e6f.css`.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
    /// Whether pages of others use it: then it has the same name for ever.
    pub is_shared: bool,
}

impl Asset {
    /// The headers it is sent under, by lower-case name.
    pub fn headers(&self) -> Vec<(&'static str, &'static str)> {
        let mut headers = vec![
            ("content-type", self.media_type),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ];
        if self.is_shared {
            headers.push(("cache-control", "public, max-age=3600"));
            headers.push(("cross-origin-resource-policy", "cross-origin"));
            headers.push(("access-control-allow-origin", "*"));
        } else {
            headers.push(("cache-control", "public, max-age=31536000, immutable"));
            headers.push(("cross-origin-resource-policy", "same-origin"));
        }
        headers
    }
}

/// The asset of exactly this name (without `/assets/`).
pub fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// All assets, for tests and route tables.
pub fn all() -> &'static [Asset] {
    &ASSETS
}

/// The path of an asset below the mount: `/assets/page-1a2b3c4d5e6f.css`. `file` is a name of
/// [`FILES`]; the tests render every page, so a wrong one cannot pass.
pub(super) fn path(file: &str) -> String {
    let position = FILES.iter().position(|(name, ..)| *name == file);
    assert!(!cfg!(test) || position.is_some(), "no asset {file}");
    position.map(|at| format!("/assets/{}", ASSETS[at].name)).unwrap_or_default()
}

fn hashed(file: &str, bytes: &[u8]) -> String {
    let hash = fingerprint(bytes);
    match file.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}-{hash:016x}.{extension}"),
        None => format!("{file}-{hash:016x}"),
    }
}

/// FNV-1a of 64 bits: it tells versions of our own files apart, nothing rests on it being hard to
/// forge.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The script for pages of others that show an extension in a frame.
const HOST: &str = "host.js";

/// File, media type, content.
const FILES: &[(&str, &str, &[u8])] = &[
    ("page.css", "text/css; charset=utf-8", include_bytes!("../../assets/page.css")),
    ("page.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/page.js")),
    ("console.css", "text/css; charset=utf-8", include_bytes!("../../assets/console.css")),
    ("frame.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/frame.js")),
    ("handover.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/handover.js")),
    ("demo-extension.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/demo-extension.js")),
    ("demo-fragment.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/demo-fragment.js")),
    ("shown.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/shown.js")),
    ("logo.svg", "image/svg+xml", include_bytes!("../../assets/logo.svg")),
];

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|(file, media_type, bytes)| {
            let name = hashed(file, bytes);
            Asset { name, media_type, bytes, is_shared: false }
        })
        .chain([Asset {
            name: HOST.to_owned(),
            media_type: "text/javascript; charset=utf-8",
            bytes: include_bytes!("../../assets/host.js"),
            is_shared: true,
        }])
        .collect()
});
