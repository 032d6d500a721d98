//! Tokens, codes, cookies and assertions as a stranger presents them.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_core::fuzzing::presented(input));
