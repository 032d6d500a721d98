//! A redirect URI, registered or presented.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| doorward_wire::fuzzing::redirect_uri(input));
