//! Every parser over a corpus and its mutations: none panics, and what one accepts it accepts again as written.

use doorward_wire::fuzzing::parse_anything;

#[test]
fn no_parser_panics_and_each_reads_what_it_wrote() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for seed in CORPUS {
        parse_anything(seed.as_bytes());
        for _ in 0..150 {
            parse_anything(&mutate(seed.as_bytes(), &mut random));
        }
    }
}

#[test]
fn every_short_text_is_survived() {
    for first in 0..=255u8 {
        parse_anything(&[first]);
        for second in [0, b' ', b'%', b'&', b'=', b':', b'/', b'.', b'-', b'"', b'\\', 0x7f, 0x80, 0xc3, 0xff]
        {
            parse_anything(&[first, second]);
            parse_anything(&[second, first, second]);
        }
    }
}

/// One to four of: flip a bit, replace, remove, repeat a stretch, insert a byte or a fragment that parsers dislike.
fn mutate(seed: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        match random.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(7),
            1 => bytes.insert(at, random.below(255) as u8),
            2 if at < bytes.len() => drop(bytes.remove(at)),
            3 => bytes.truncate(at),
            4 => {
                let stretch = bytes[..at].to_vec();
                bytes.extend(stretch);
            }
            _ => {
                let fragment = FRAGMENTS[random.below(FRAGMENTS.len() - 1)];
                bytes.splice(at..at, fragment.bytes());
            }
        }
    }
    bytes
}

/// A generator of fixed sequence (xorshift): a failure is found again by running again.
struct Random(u64);

impl Random {
    /// A number of 0 to `most`, both included.
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % (most as u64 + 1)) as usize
    }
}

const FRAGMENTS: &[&str] = &[
    "%00",
    "%",
    "%zz",
    "%c0%af",
    "%0d%0a",
    "&",
    "=",
    "&code=x",
    "//",
    "/../",
    "\\",
    "@",
    ":",
    "#",
    "?",
    "\0",
    "\n",
    "\t",
    "\u{200b}",
    "\u{202e}",
    "\u{430}",
    "\u{301}\u{301}\u{301}",
    "\u{df}",
    "\u{130}",
    "\u{fdfa}",
    "\u{1f600}",
    "[[[[[[[[",
    "{\"a\":",
    "\"",
    "\\ud800",
    "1e999",
    "javascript:",
    "::",
    "]",
    "xn--",
    "*",
    "..",
    "-",
    ";",
    ",",
    "q=",
    "=====",
];

const CORPUS: &[&str] = &[
    "response_type=code&client_id=demo-web&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=openid+profile&state=x%26y&resource=a&resource=b",
    "grant_type=authorization_code&code=abc&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    "https://app.example/cb",
    "https://app.example/cb?x=1",
    "https://app.example:8443/a/b?x=%20y",
    "http://127.0.0.1:51004/cb",
    "http://[::1]/cb",
    "http://localhost:8081/callback",
    "com.example.app:/cb",
    "com.example.app://callback/x?y=z",
    "https://app.example@evil.example/cb",
    "https://evil.example\\@app.example/cb",
    "https://app.example/cb%0d%0aSet-Cookie:a=b",
    "/orders/*/items/**",
    "/orders/%2e%2e/a%2fb//c;d?e=../f",
    "urn:example:orders",
    "https://api.example/",
    "openid profile orders:read https://api.example/scope",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "Basic czZCaGRSa3F0MzpnWDFmQmF0M2JW",
    "Bearer eyJhbGciOiJFUzI1NiJ9.e30.c2ln",
    "application/x-www-form-urlencoded; charset=\"utf-8\"",
    "{\"userinfo\":{\"given_name\":{\"essential\":true},\"nickname\":null},\"id_token\":{\"acr\":{\"values\":[\"a\",\"b\"]}}}",
    "[1,-2,3.5,true,null,\"\\u00e4\\ud83d\\ude00\",{\"a\":{\"b\":[]}}]",
    "99999999999999999999",
    "4294967295",
    "login consent select_account",
    "code id_token token",
    "de-CH,de;q=0.9,en;q=0.5,*;q=0.1",
    "zh-Hant-TW de-CH en",
    "Alice@Example.com",
    "\u{c4}rger \u{1f469}\u{200d}\u{1f4bb} M\u{fc}ller",
    "stra\u{df}e_42",
    "\u{441}\u{435}\u{440}\u{433}\u{435}\u{439}",
    "\u{5c71}\u{7530}\u{30bf}\u{30ed}\u{30fc}",
];
